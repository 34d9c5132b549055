/** RFC 4648, §6, in small letters: no digit looks like a letter of it, and nothing depends on upper and lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * A key's SHA-256 (hex) as people read it out to each other: base32 in groups of four. The last two groups are 40 bits,
 * which nobody finds a second key for within the hour that a host may wait.
 */
export const keyFingerprintText = (sha256Hex: string): string => {
  let text = ''
  let bits = 0
  let value = 0
  for (const digit of sha256Hex) {
    value = (value << 4) | Number.parseInt(digit, 16)
    bits += 4
    if (bits >= 5) {
      bits -= 5
      text += BASE32[(value >> bits) & 31]
      value &= (1 << bits) - 1
    }
  }
  if (bits > 0) text += BASE32[(value << (5 - bits)) & 31]
  return text.match(/.{1,4}/g)?.join(' ') ?? ''
}

const bare = (text: string): string => text.replace(/[\s-]/g, '').toLowerCase()

/** Whether these are its last eight characters. Spaces, hyphens and case do not matter. */
export const endsFingerprint = (sha256Hex: string, typed: string): boolean =>
  bare(typed).length === 8 && bare(keyFingerprintText(sha256Hex)).endsWith(bare(typed))
