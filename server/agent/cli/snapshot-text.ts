import type { Livepatch, LivepatchModule } from '@rebootless/shared/contract/kernel.ts'
import type { DistributionFacts, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { printable } from '@rebootless/shared/domain/printable.ts'

const known = (value: string | number | null): string => (value === null ? 'not known' : printable(String(value)))
const yesNo = (value: boolean | null): string => (value === null ? 'not known' : value ? 'yes' : 'no')

const livepatchLines = (patch: Livepatch): string[] => [
  `  ${printable(patch.name)}: enabled ${yesNo(patch.enabled)}, transition ${yesNo(patch.transition)}, replace ${yesNo(patch.replace)}`,
  ...patch.objects.flatMap((object) => [
    `    ${printable(object.name)}: patched ${yesNo(object.patched)}`,
    ...object.functions.map((entry) => `      ${printable(entry.name)},${entry.sympos}`),
  ]),
]

const moduleLine = (module: LivepatchModule): string =>
  `  ${printable(module.name)}: version ${known(module.version)}, refcnt ${known(module.refcnt)}`

const section = (title: string, lines: readonly string[] | null, empty: string): string[] =>
  lines === null ? [`${title}: not known`] : lines.length === 0 ? [`${title}: ${empty}`] : [`${title}:`, ...lines]

const transitionLines = (snapshot: Snapshot): string[] => {
  const running = snapshot.transition
  if (running === null) return [`Transition: ${snapshot.livepatches === null ? 'not known' : 'none runs'}`]
  return [
    `Transition: ${printable(running.patch)} is ${running.target}, ${running.tasksRemaining} of ${running.tasksTotal} tasks remain`,
    ...running.blocking.map(
      (task) =>
        `  blocking: ${printable(task.comm)} (pid ${task.pid}, tid ${task.tid}) in ${known(task.stack?.[0]?.function ?? task.wchan)}`,
    ),
  ]
}

const providerLines = (report: ProviderReport): string[] => [
  `  ${printable(report.name)}: ${printable(report.detail)}`,
  ...[
    ['version', report.version],
    ['effective kernel', report.effectiveKernel],
    ['coverage', wordOf(report.coverage, report.coverageUntil && `until ${report.coverageUntil}`)],
    ['access', wordOf(report.access, report.accessDetail)],
    ['reboot', wordOf(report.reboot, report.rebootReason)],
  ].flatMap(([label, value]) => (value ? [`    ${label}: ${printable(value)}`] : [])),
  ...(report.patches ?? []).map(
    ({ name, stateText, state, cves }) =>
      `    patch ${printable(name)}: ${printable(stateText ?? state)}${cves.length > 0 ? `, ${cves.join(' ')}` : ''}`,
  ),
  ...(report.steps ?? []).map(({ action, name }) => `    would ${action}: ${printable(name)}`),
  ...report.troubles.map(
    ({ source, code, text }) =>
      `    trouble: ${printable(source)}${code === null ? '' : ` (exit ${code})`}: ${printable(text)}`,
  ),
]

const wordOf = (word: string, more: string | null): string | null =>
  word === 'unknown' && more === null ? null : `${word.replaceAll('_', ' ')}${more ? `, ${more}` : ''}`

const distributionLines = (facts: DistributionFacts | null): string[] =>
  facts === null
    ? []
    : [
        `Newest kernel installed: ${known(facts.newestInstalled)}; offered: ${known(facts.newestKnown)}; reboot asked for: ${yesNo(facts.rebootRequired)}`,
        ...(facts.offer === null ? [] : [`Live patching here: ${printable(facts.offer)}`]),
      ]

/** A snapshot for a person at a terminal: one fact a line, host text escaped. */
export const snapshotText = (snapshot: Snapshot): string => {
  const { kernel } = snapshot
  return [
    `${printable(snapshot.hostName)}, read at ${snapshot.takenAt}`,
    `Kernel: ${printable(kernel.release)} ${printable(kernel.architecture)}, up since ${known(kernel.bootedAt)}`,
    `Build id: ${known(kernel.buildId ?? null)}`,
    `System: ${known(snapshot.operatingSystem.name)}`,
    `Livepatch configured: ${yesNo(kernel.livepatchConfigured)}; reliable stack traces: ${yesNo(kernel.reliableStackTraces)}`,
    `Lockdown: ${known(kernel.lockdown)}; module signatures enforced: ${yesNo(kernel.moduleSignatureEnforced)}`,
    ...section(
      'Taints',
      kernel.taints?.map((taint) => `  ${printable(taint.letter)}: ${printable(taint.meaning)}`) ?? null,
      'none',
    ),
    ...section('Livepatches', snapshot.livepatches?.flatMap(livepatchLines) ?? null, 'none'),
    ...section('Livepatch modules', snapshot.livepatchModules?.map(moduleLine) ?? null, 'none'),
    ...transitionLines(snapshot),
    ...section('Live patching systems', snapshot.providers.flatMap(providerLines), 'none'),
    ...distributionLines(snapshot.distribution),
    ...section(
      'Could not be read',
      snapshot.unreadable.map((file) => `  ${printable(file.path)} (${file.errno}): ${printable(file.consequence)}`),
      'nothing',
    ),
    '',
  ].join('\n')
}
