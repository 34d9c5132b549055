import { REDACTED, redactSecrets } from '../redact-secrets.ts'

/**
 * What Uptrack's files hold besides the access key: who the host is, its addresses, logs (uptrack 2011, Uptrack.py,
 * Status). Kept is only what is listed, so that a part which a newer client adds is withheld until it is known.
 */
const KEPT_PARTS = new Set([
  ...['Time', 'Updates', 'Kernel', 'ClientEffectiveKernel', 'New client', 'Plan', 'Result'],
  ...['EffectiveKernel', 'OriginalKernel', 'Installed'],
])
const KEPT_OF_CLIENT = /^ {2}(?:UptrackVersion|RebootsSaved): ['"]?[\w.+~-]{1,64}['"]?$/
const FORMAT_VERSION = /^[\w ]{1,32} format version: ['"]?\d{1,4}['"]?$/

/** A file of YAML as Uptrack writes it, in parts that begin at the left edge. */
export const redactUptrackFile = (text: string): string => {
  let kept = false
  let isClient = false
  const lines: string[] = []
  for (const line of text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)) {
    const isMark = line === '---' || line === '...' || /^%YAML \d\.\d$/.test(line)
    if (isMark) lines.push(line)
    if (isMark || /^[^\s#-]/.test(line)) {
      kept = !isMark && (KEPT_PARTS.has(line.slice(0, Math.max(0, line.indexOf(':')))) || FORMAT_VERSION.test(line))
      isClient = line === 'Client:'
      if (!kept && !isMark) lines.push(isClient ? line : `# ${REDACTED}`)
    } else if (isClient && KEPT_OF_CLIENT.test(line)) lines.push(line)
    if (kept) lines.push(line)
  }
  return redactSecrets(lines.join('\n'))
}

const KEPT_SETTINGS = new Set(['autoinstall', 'install_on_reboot', 'upgrade_on_reboot', 'enabled'])
/** As the packages bring it, before anyone has written a key in. */
export const NO_ACCESS_KEY = new Set(['', 'INSERT_ACCESS_KEY'])

/** /etc/uptrack/uptrack.conf: the access key and a proxy's password are in it, so only known settings are kept. */
export const redactUptrackConfig = (text: string): string =>
  text
    .split(/[\n\r]+/)
    .flatMap((line) => {
      const setting = /^\s{0,8}(\w{1,64})\s{0,8}[=:]\s{0,8}(.*)$/.exec(line)
      if (setting === null) return /^\[[\w-]{1,64}\]\s*$/.test(line) ? [line] : []
      const [, name = '', value = ''] = setting
      const known = KEPT_SETTINGS.has(name.toLowerCase()) || (name === 'accesskey' && NO_ACCESS_KEY.has(value.trim()))
      return [known ? `${name} = ${value.trim().slice(0, 64)}` : `${name} = ${REDACTED}`]
    })
    .join('\n')
