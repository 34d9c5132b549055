import { visibleText } from '../../ui/host-text.tsx'

/** In this order: most browsers also call themselves by the name of an older one. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:Headless)?(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[.\d]* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
  [/^curl\/(\d+)/, 'curl'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bWindows NT\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/**
 * A client by what it calls itself, which anybody can write: a help to recognise one's own, and no proof.
 * `title`: its own words in full.
 */
export const browserOf = (userAgent: string | null): { name: string; title: string; phone: boolean } => {
  if (userAgent === null || userAgent.trim() === '') return { name: 'Unnamed client', title: '', phone: false }
  const title = visibleText(userAgent, 300)
  const phone = /\b(?:Mobile|Android|iPhone)\b/.test(userAgent)
  for (const [pattern, browser] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1]
    if (version === undefined) continue
    const system = SYSTEMS.find(([words]) => words.test(userAgent))?.[1]
    return { name: `${browser} ${version}${system === undefined ? '' : ` on ${system}`}`, title, phone }
  }
  return { name: userAgent.slice(0, 80), title, phone }
}
