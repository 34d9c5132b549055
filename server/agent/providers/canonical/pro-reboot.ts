import type { RebootAnswer } from '@rebootless/shared/domain/words.ts'
import { list, object, parseObject, text } from './json-fields.ts'

/** The endpoint `u.pro.security.status.reboot_required.v1`, which needs no network (ubuntu-pro-client from 27.12 on). */
export const REBOOT_ENDPOINT = 'u.pro.security.status.reboot_required.v1'

const ANSWERS: Readonly<Record<string, RebootAnswer>> = {
  ...{ no: 'no', yes: 'yes', 'yes-kernel-livepatches-applied': 'yes_but_covered' },
}
const REASON_CHARACTERS_MAX = 300

export interface ProReboot {
  readonly reboot: RebootAnswer
  readonly reason: string | null
}

/** null: it is no answer of the endpoint. */
export const parseProReboot = (printed: string): ProReboot | null => {
  const attributes = object(object(parseObject(printed)?.data)?.attributes)
  const word = text(attributes?.reboot_required, 64)
  if (attributes === null || word === null) return null
  const packages = object(attributes.reboot_required_packages)
  const names = [...list(packages?.kernel_packages), ...list(packages?.standard_packages)].flatMap(
    (name) => text(name, 100) ?? [],
  )
  const reason = names.length === 0 ? null : `A reboot brings in ${names.join(', ')}`.slice(0, REASON_CHARACTERS_MAX)
  return { reboot: Object.hasOwn(ANSWERS, word) ? (ANSWERS[word] ?? 'unknown') : 'unknown', reason }
}
