import type { TestHostOptions } from '../test-provider-host.ts'

/** Not a real key; as long as one is. */
export const ACCESS_KEY = '5f0c0ffee0ddba11ca5cadeab1e0ff5e7ab1e5ca1ab1e0b5e55ed0facade1234'
const PROXY_PASSWORD = 'canary-proxy-password'
export const SECRETS = [ACCESS_KEY, PROXY_PASSWORD, '8d6c2e1f-4a5b-4c3d-9e8f-0a1b2c3d4e5f', '192.0.2.17']

const RELEASE = '5.15.0-206.153.7.el9uek.x86_64'
const VERSION = '#2 SMP Thu May 9 15:59:05 PDT 2024'
export const DIRECTORY = `/var/cache/uptrack/Linux/x86_64/${RELEASE}/${VERSION}`
export const KERNEL = { release: RELEASE, version: VERSION, architecture: 'x86_64' }

/** Oracle's Ksplice user's guide, "ksplice all show", its kernel part cut to a few lines; as `uptrack-show` prints it. */
export const SHOW = `Installed updates:
[nf9nfyzj] Enablement update for live patching.
[fe2qyrtu] Denial-of-service when checking if an address is a jump label.
[aq4p03vt] Known exploit detection for CVE-2019-9213.
[gsf5wlo8] CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.

Effective kernel version is 5.15.0-208.159.3.el9uek
`

/** The same guide: the user-space part. */
export const USER_SHOW = `chronyd (705)
httpd (1503)
  └─ [h73qvumn]: CVE-2014-7817: Command execution in wordexp().
  └─ [ml55ngz4]: CVE-2015-1781: Privilege escalation in gethostbyname_r().
sshd (1711)
  └─ [h73qvumn]: CVE-2014-7817: Command execution in wordexp().
`

/** In the shape of uptrack 2011 (doShowUpgradePlan); the titles are of a published log of an upgrade. */
export const AVAILABLE = `Available updates:
[iw8wjvh1] CVE-2025-38477: Use-after-free in Quick Fair Queueing scheduler (QFQ) driver.
[ibyh7gbw] CVE-2020-27170, CVE-2020-27171: Information disclosure in BPF verifier.

Effective kernel version is 5.15.0-208.159.3.el9uek
`

/** uptrack 2011 (Uptrack.py, writeEffectiveKernel), in the form of PyYAML's safe dumper. */
export const EFFECTIVE_KERNEL = `%YAML 1.1
---
EffectiveKernel: {Architecture: x86_64, PackageVersion: 5.15.0-208.159.3.el9uek, Release: 5.15.0-208.159.3.el9uek.x86_64,
  Sysname: Linux, Version: '#2 SMP Wed Jun 19 09:06:10 PDT 2024'}
Installed: [nf9nfyzj, fe2qyrtu, aq4p03vt, gsf5wlo8]
OriginalKernel: {Release: ${RELEASE}, Sysname: Linux, UserArchitecture: x86_64, Version: '${VERSION}'}
...
`

const client = `Client:
  CPUInfo: [1, 4]
  Config: {Autoinstall: true, Cron: true}
  FullHostname: db1.example.com
  Hostname: db1
  Key: ${ACCESS_KEY}
  LocalIP: 192.0.2.17
  RebootsSaved: 3
  Tools:
    Depmod:
      Link: ''
      Stat: [33261, 1234]
  UUID: 8d6c2e1f-4a5b-4c3d-9e8f-0a1b2c3d4e5f
  Uptime: '123456.78'
  UptrackVersion: 1.2.82
  VMInfo: {type: Bare, uuid: 8d6c2e1f-4a5b-4c3d-9e8f-0a1b2c3d4e5f}
ClientEffectiveKernel: 5.15.0-208.159.3.el9uek
`
const kernel = `Kernel: {Architecture: x86_64, Release: ${RELEASE}, Sysname: Linux, UserArchitecture: x86_64,
  Version: '${VERSION}'}
`

/** uptrack 2011 (Uptrack.py, addIdentity, writeStatus). */
export const STATUS = `%YAML 1.1
---
${client}${kernel}New client: false
RunUUID: 8d6c2e1f-4a5b-4c3d-9e8f-0a1b2c3d4e5f
Status format version: '2'
Time: 2026-11-26 08:30:01.123456
Updates:
  Installed:
  - {ID: nf9nfyzj, Name: Enablement update for live patching.}
  - {ID: fe2qyrtu, Name: Denial-of-service when checking if an address is a jump label.}
  - {ID: aq4p03vt, Name: Known exploit detection for CVE-2019-9213.}
  - {ID: gsf5wlo8, Name: 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet
      driver.'}
...
`

/** uptrack 2011 (writePlan). One update goes and comes back, one goes for good, one is new. */
export const UPGRADE_PLAN = `%YAML 1.1
---
Plan:
- {Command: Remove, ID: gsf5wlo8, Name: 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.'}
- {Command: Remove, ID: fe2qyrtu, Name: Denial-of-service when checking if an address is a jump label.}
- Command: Install
  EffectiveKernel: &id001
  - Linux/x86_64/${RELEASE}/${VERSION}
  - 5.15.0-318.199.3.2.1.el9uek
  ID: gsf5wlo8
  Name: 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.'
- {Command: Install, EffectiveKernel: *id001, ID: iw8wjvh1, Name: 'CVE-2025-38477: Use-after-free
    in Quick Fair Queueing scheduler (QFQ) driver.'}
Time: 2026-11-26 08:30:02.000001
Upgrade plan format version: '2'
...
`

export const NOTHING_PLANNED = `%YAML 1.1
---
Plan: []
Time: 2026-11-26 08:30:02.000001
Upgrade plan format version: '2'
...
`

/** uptrack 2011 (writePlan, 'init'). */
export const INIT_PLAN = `%YAML 1.1
---
Init plan format version: '2'
Plan:
- {Command: Install, ID: nf9nfyzj, Name: Enablement update for live patching.}
- {Command: Install, ID: gsf5wlo8, Name: 'CVE-2024-36934: Information leak in QLogic BR-series Ethernet driver.'}
Time: 2026-11-26 08:30:02.000001
...
`

/** uptrack 2011 (writeResults); `failed` and `code` as the run went. */
export const results = (code: number, message = "''", failed = '[]', more = '') => `%YAML 1.1
---
${client}Debug: null
${kernel}Result:
  Code: ${code}
${more}  Failed: ${failed}
  Message: ${message}
  Succeeded: []
Results format version: '2'
Time: 2026-11-26 08:30:01.000000
UptrackLog: "2026-11-26 08:30:01 DEBUG    Verifying your access key is valid by requesting: https://updates.ksplice.com/update-repository/${ACCESS_KEY}/+uuid/8d6c2e1f-4a5b-4c3d-9e8f-0a1b2c3d4e5f/status\\n\\
  Key: ${ACCESS_KEY}\\n"
...
`

/** uptrack 2011 (ActionResult.asDict): one program sat in the functions. */
export const CODE_BUSY = `
  - Abort: code_busy
    Command: Install
    Core Version: '0'
    ID: iw8wjvh1
    Locked Modules: []
    Message: ''
    Name: 'CVE-2025-38477: Use-after-free in Quick Fair Queueing scheduler (QFQ) driver.'
    Nonmatching Modules: null
    Stack Check:
    - [crond, '1234', qfq_change_class]
    UsedBy Modules: []`

/** As the package brings it (uptrack.conf), with a key and a proxy written in. */
export const CONFIG = `[Auth]
accesskey = ${ACCESS_KEY}

[Network]
# Proxy to use when accessing the Uptrack server, of the form
# https://[username:password@]proxy:port, where username and password are optional.
https_proxy = https://uptrack:${PROXY_PASSWORD}@proxy.example.com:3128

[Settings]
# Automatically install updates at boot time.
install_on_reboot = yes
autoinstall = yes

[Known-Exploit-Detection]
enabled = yes
`

const applied = (...ids: readonly string[]) =>
  Object.fromEntries(ids.map((id) => [`/sys/module/ksplice_${id}/ksplice/stage`, 'applied\n']))

export const UP_TO_DATE: TestHostOptions = {
  kernel: KERNEL,
  files: {
    '/usr/sbin/uptrack-upgrade': '',
    '/usr/sbin/uptrack-show': '',
    '/etc/uptrack/uptrack.conf': CONFIG,
    '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro\n',
    '/sys/module/ext4/refcnt': '1\n',
    '/sys/module/ksplice_gsf5wlo8_bna_new/refcnt': '1\n',
    ...applied('nf9nfyzj', 'fe2qyrtu', 'aq4p03vt', 'gsf5wlo8'),
    '/var/lib/uptrack/effective_kernel': EFFECTIVE_KERNEL,
    [`${DIRECTORY}/status`]: STATUS,
    [`${DIRECTORY}/upgrade_plan`]: NOTHING_PLANNED,
    [`${DIRECTORY}/init_plan`]: INIT_PLAN,
    [`${DIRECTORY}/results`]: results(0),
  },
}

export const BEHIND: TestHostOptions = {
  ...UP_TO_DATE,
  files: { ...UP_TO_DATE.files, [`${DIRECTORY}/upgrade_plan`]: UPGRADE_PLAN },
}

export const BUSY: TestHostOptions = {
  ...BEHIND,
  files: { ...BEHIND.files, [`${DIRECTORY}/results`]: results(1, 'Error processing update', CODE_BUSY) },
}

/** The enhanced client, with nothing on disk that is known here. */
export const ENHANCED: TestHostOptions = {
  kernel: KERNEL,
  files: {
    '/usr/sbin/ksplice': '',
    '/etc/uptrack/uptrack.conf': CONFIG,
    '/sys/kernel/ksplice/fe2qyrtu/stage': 'applied\n',
    '/sys/kernel/ksplice/gsf5wlo8/stage': 'applied\n',
    '/sys/kernel/ksplice/iw8wjvh1/stage': 'preparing\n',
    '/sys/kernel/ksplice/iw8wjvh1/conflicts': 'crond 1234 qfq_change_class qfq_dequeue\nWeb Content 77 qfq_dequeue\n',
  },
  programs: {
    '/usr/sbin/ksplice kernel show': { stdout: SHOW },
    '/usr/sbin/ksplice kernel show --available': { stdout: AVAILABLE },
    '/usr/sbin/ksplice kernel uname -r': { stdout: '5.15.0-208.159.3.el9uek.x86_64\n' },
    '/usr/sbin/ksplice user show': { stdout: USER_SHOW },
  },
}

/** Only the tools of Uptrack, as before it wrote files, or where they cannot be read. */
export const TOOLS_ONLY: TestHostOptions = {
  kernel: KERNEL,
  files: { '/usr/sbin/uptrack-show': '', '/usr/bin/uptrack-uname': '', '/sys/module/ext4/refcnt': '1\n' },
  programs: {
    '/usr/sbin/uptrack-show': { stdout: SHOW },
    '/usr/sbin/uptrack-show --available': { stdout: 'Available updates:\nNone\n' },
    '/usr/bin/uptrack-uname -r': { stdout: '5.15.0-208.159.3.el9uek\n' },
  },
}

/** The offline client: no key, updates by packages. What rpm prints of packages that are not there is its own text (rpm 4). */
export const OFFLINE: TestHostOptions = {
  ...TOOLS_ONLY,
  files: {
    ...TOOLS_ONLY.files,
    '/usr/bin/rpm': '',
    '/etc/uptrack/uptrack.conf': '[Auth]\naccesskey = INSERT_ACCESS_KEY\n',
  },
  programs: {
    ...TOOLS_ONLY.programs,
    '/usr/bin/rpm -q --queryformat %{NAME} %{VERSION}\\n uptrack-offline ksplice-offline uptrack ksplice': {
      exitCode: 3,
      stdout:
        'uptrack-offline 1.2.84\npackage ksplice-offline is not installed\npackage uptrack is not installed\npackage ksplice is not installed\n',
    },
  },
}

/** uptrack 2011: an expired subscription, exit code 17. */
export const EXPIRED: TestHostOptions = {
  ...TOOLS_ONLY,
  programs: {
    '/usr/sbin/uptrack-show': { exitCode: 17, stdout: 'Your subscription has expired.\n' },
    '/usr/sbin/uptrack-show --available': { exitCode: 17, stdout: 'Your subscription has expired.\n' },
  },
}

export const samples: readonly TestHostOptions[] = [UP_TO_DATE, BEHIND, BUSY, ENHANCED, TOOLS_ONLY, OFFLINE, EXPIRED]
