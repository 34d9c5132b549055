import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { useQuery } from '@tanstack/react-query'
import { hostKernelReadingsQuery } from './queries.ts'

const RESOURCES = [
  ['cpu', 'CPU'],
  ['memory', 'Memory'],
  ['io', 'Disks'],
] as const

const NONE: Readonly<Record<string, string>> = {
  ENOENT: 'This kernel is built without pressure stall information, or is older than Linux 4.20.',
  EOPNOTSUPP: 'This kernel was booted with pressure stall information off (psi=0).',
}

const share = (percent: number | null | undefined): string => (percent == null ? '–' : `${percent.toFixed(1)} %`)
const load = (value: number | null | undefined): string => (value == null ? '–' : value.toFixed(2))

/** How much tasks wait, now and over the last hour. */
export const KernelPressure = ({ id }: { id: string }) => {
  const { data } = useQuery(hostKernelReadingsQuery(id))
  if (data === undefined || data.readings === null) return null
  return (
    <section aria-labelledby="kernel-pressure" className="border-t border-line px-6 py-4 max-desk:px-4 desk:px-5">
      <h3 id="kernel-pressure" className="text-13">
        Pressure
      </h3>
      <p className="text-12 text-ink-3">share of the time in which some task waits</p>
      <PressureTable {...data} readings={data.readings} />
    </section>
  )
}

const PressureTable = ({
  readings,
  lastHour,
}: HostKernelReadings & { readings: NonNullable<HostKernelReadings['readings']> }) => {
  const { pressure } = readings
  const none = pressure.errno === null ? null : (NONE[pressure.errno] ?? `It cannot be read (${pressure.errno}).`)
  return (
    <>
      {none !== null ? <p className="mt-1 text-12 text-ink-2">{none}</p> : null}
      <table className="mt-2 w-full text-left tabular-nums">
        <thead className="text-12 text-ink-3">
          <tr>
            <th scope="col" className="font-normal">
              Waits for
            </th>
            <th scope="col" className="text-right font-normal">
              last minute
            </th>
            <th scope="col" className="text-right font-normal">
              last hour
            </th>
          </tr>
        </thead>
        <tbody>
          {none === null
            ? RESOURCES.map(([name, word]) => (
                <Row key={name} word={word} now={share(pressure[name]?.avg60)} hour={share(lastHour[name])} />
              ))
            : null}
          <Row word="Load" now={load(readings.load?.[0])} hour={load(lastHour.load)} />
        </tbody>
      </table>
    </>
  )
}

const Row = ({ word, now, hour }: { word: string; now: string; hour: string }) => (
  <tr className="border-t border-line">
    <th scope="row" className="py-1.5 font-normal text-ink-2">
      {word}
    </th>
    <td className="text-right">{now}</td>
    <td className="text-right text-ink-2">{hour}</td>
  </tr>
)
