import { authorisationText } from '@rebootless/shared/domain/authorisation-text.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { SigningKey } from './keys/signing-key.ts'
import type { ReadAuthorisation } from './read-authorisation.ts'
import type { Terminal } from './terminal.ts'

/** With which authorisation it is of, as `POST /api/v1/rollouts/:id/approve` takes them. */
type TextSignature = { readonly authorisation: string } & Awaited<ReturnType<SigningKey['sign']>>

/** What is signed, in full: what the server says of it counts for nothing. */
const showText = ({ authorisation, sha256 }: ReadAuthorisation): void => {
  for (const { title, values } of authorisationText(authorisation)) {
    console.error(`${title}:`)
    for (const line of values) console.error(`    ${line}`)
  }
  console.error(`SHA-256 of the text:\n    ${sha256}`)
}

/**
 * Shows texts in full, and signs all of them once the number of their hosts is typed.
 * @returns null: something else was typed, and nothing was signed
 */
export const signTexts = async (
  texts: readonly ReadAuthorisation[],
  { key, terminal }: { readonly key: SigningKey; readonly terminal: Terminal },
): Promise<TextSignature[] | null> => {
  for (const [index, text] of texts.entries()) {
    if (texts.length > 1) console.error(`——— Text ${index + 1} of ${texts.length}`)
    showText(text)
  }
  console.error(`It will be signed with the key in ${printable(key.where)}:\n    ${key.publicKey}\n`)
  const hosts = new Set(texts.flatMap(({ authorisation }) => authorisation.hosts.map((host) => host.id))).size
  const what = texts.length === 1 ? 'To sign' : `To sign ${counted(texts.length, 'text')}`
  const left = texts.length === 1 ? 'leaves it unsigned' : 'leaves all unsigned'
  const typed = await terminal.line(`${what}, type the number of hosts (${hosts}); anything else ${left}: `)
  if (typed.trim() !== String(hosts)) {
    console.error('\nNot signed.')
    return null
  }
  console.error('')
  const signatures: TextSignature[] = []
  for (const { authorisation, payload } of texts) {
    const signature = await key.sign(PAYLOAD_TYPES.authorisation, payload)
    signatures.push({ authorisation: authorisation.id, ...signature })
  }
  return signatures
}
