/** Paths of ours hold nothing else; no dot, no escape, no backslash, so nothing can be read in two ways. */
const OUR_PATH = /^\/(?!\/)[a-zA-Z0-9/_-]*$/
const ORIGIN = 'https://rebootless.invalid'

/**
 * Where to go after signing in (threat-model T05): a path of ours with its search, or home for whatever else is given
 * (`//x`, `/\x`, `/%2f%2fx`, `https://x`, a raw control byte, the sign-in page itself).
 */
export const returnPath = (given: unknown): string => {
  if (typeof given !== 'string') return '/'
  const [path = '', ...rest] = given.split(/(?=[?#])/)
  if (!OUR_PATH.test(path) || path.includes('//') || path.startsWith('/sign-in')) return '/'
  const tail = rest.join('')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\\\u007f]/.test(tail)) return '/'
  const url = new URL(path + tail, ORIGIN)
  return url.origin === ORIGIN ? url.pathname + url.search + url.hash : '/'
}
