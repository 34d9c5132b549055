/** Keys as in Kubernetes' label syntax, so that selectors read alike. */
export const LABEL_KEY = /^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/
export const LABEL_VALUE_MAX = 63

export type LabelsResult =
  | { readonly ok: true; readonly labels: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly detail: string }

/** Reads labels as people type them: `env:prod rack:r1`. `detail` says which word cannot be used, and what to write. */
export const parseLabelWords = (text: string): LabelsResult => {
  const labels: Record<string, string> = {}
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const colon = word.indexOf(':')
    const key = word.slice(0, colon)
    const value = word.slice(colon + 1)
    if (colon < 1) return { ok: false, detail: `“${word}” has no colon: write key:value, as env:prod.` }
    if (!LABEL_KEY.test(key)) {
      return { ok: false, detail: `“${key}” is no key: use a-z, 0-9 and . _ / - between, 63 characters at most.` }
    }
    if (value.length > LABEL_VALUE_MAX)
      return { ok: false, detail: `The value of ${key} is longer than 63 characters.` }
    if (Object.hasOwn(labels, key)) return { ok: false, detail: `${key} is given twice.` }
    labels[key] = value
  }
  return { ok: true, labels }
}
