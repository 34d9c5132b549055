import type { CveKnowledge } from '@rebootless/shared/contract/vulnerabilities.ts'
import type { ReactNode } from 'react'
import { count, percent } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { SourceText } from './source-text.tsx'
import { saidOf, upstreamWords } from './statement-words.ts'

const FILES_SHOWN = 6
const RANGES_SHOWN = 10

const Fact = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="grid gap-x-4 border-b border-line py-2 desk:grid-cols-[140px_minmax(0,1fr)]">
    <dt className="text-ink-3">{word}</dt>
    <dd className="grid min-w-0 gap-1">{children}</dd>
  </div>
)

/** What is known of a CVE whoever is affected, each word with whose it is: scorers differ, and so do records. */
export const FactList = ({ statements }: { statements: CveKnowledge['statements'] }) => {
  const records = saidOf(statements, 'record')
  const scores = records.flatMap(({ statement, from }) => statement.scores.map((score) => ({ score, from })))
  const files = [...new Set(records.flatMap(({ statement }) => statement.files))]
  const upstream = [...saidOf(statements, 'upstream_pairs'), ...saidOf(statements, 'upstream_record')]
  const kev = saidOf(statements, 'kev')
  const epss = saidOf(statements, 'epss')
  return (
    <dl className="border-t border-line">
      {records.map(({ statement, from }) =>
        statement.description === null ? null : (
          <Fact key={`${from.feed} ${from.document}`} word="What it is">
            <p className="max-w-[88ch] whitespace-pre-line text-ink-2">
              <HostText value={statement.description} max={2000} lines />
            </p>
            <SourceText from={from} />
          </Fact>
        ),
      )}
      <Fact word="Scores">
        {scores.length === 0 ? <span className="text-ink-3">Nobody whom the feeds know has scored it.</span> : null}
        {scores.map(({ score, from }) => (
          <p
            key={`${score.by} ${score.version} ${score.score} ${from.feed}`}
            className="flex flex-wrap items-baseline gap-x-2"
          >
            <b className="font-semibold">{score.score.toFixed(1)}</b>
            <span className="text-ink-2">
              CVSS <HostText value={score.version} max={8} /> by <HostText value={score.by} max={100} />
            </span>
            {score.vector === null ? null : (
              <span className="mono text-[12px] wrap-anywhere text-ink-3">
                <HostText value={score.vector} max={300} />
              </span>
            )}
            <SourceText from={from} />
          </p>
        ))}
      </Fact>
      {kev.map(({ statement, from }) => (
        <Fact key={from.feed} word="Known exploited">
          <p>
            Since {statement.addedOn}
            {statement.ransomware ? ', by ransomware too' : ''}
            {statement.dueOn === null
              ? ''
              : `; agencies of the United States must have mended it by ${statement.dueOn}`}
            . <SourceText from={from} />
          </p>
        </Fact>
      ))}
      {epss.map(({ statement, from }) => (
        <Fact key={from.feed} word="EPSS">
          <p>
            {percent(statement.score)} likely to be exploited within 30 days
            {statement.percentile === null ? '' : `, more than ${percent(statement.percentile)} of all CVEs`}; scored{' '}
            {statement.scoredOn}. <SourceText from={from} />
          </p>
        </Fact>
      ))}
      {upstream.map((said) => {
        const ranges = upstreamWords(said.statement)
        return (
          <Fact key={`${said.from.feed} ${said.statement.kind}`} word="Upstream">
            <ul>
              {ranges.slice(0, RANGES_SHOWN).map((range) => (
                <li key={range} className="text-ink-2">
                  {range}
                </li>
              ))}
              {ranges.length > RANGES_SHOWN ? (
                <li className="text-ink-3">and {count(ranges.length - RANGES_SHOWN)} more branches</li>
              ) : null}
            </ul>
            <SourceText from={said.from} />
          </Fact>
        )
      })}
      {files.length === 0 ? null : (
        <Fact word="The fix touches">
          <p className="mono text-[12px] wrap-anywhere text-ink-2">
            <HostText value={files.slice(0, FILES_SHOWN).join(', ')} max={1000} />
            {files.length > FILES_SHOWN ? ` and ${count(files.length - FILES_SHOWN)} more` : ''}
          </p>
        </Fact>
      )}
    </dl>
  )
}
