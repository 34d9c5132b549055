import { everyDay, trendDay } from '../trend-days.ts'
import { TrendPicture } from '../trend-picture.tsx'
import { type DocumentData, TREND_DAYS } from './document-data.ts'
import { DocumentPart } from './document-table.tsx'

/** How each day ended until the moment that the document tells of; nothing of a part of the fleet, of which days are not kept. */
export const TrendFigure = ({ days }: { days: DocumentData['trend'] }) => {
  const last = days?.at(-1)
  return days === null ? null : (
    <DocumentPart title={`Hosts within their SLA over ${TREND_DAYS} days`} whole>
      {last === undefined ? (
        <p>No day had ended yet since the first host was judged.</p>
      ) : (
        <figure>
          <TrendPicture days={everyDay(days.map(trendDay), TREND_DAYS, last.day)} />
          <figcaption className="text-11 text-ink-3">
            How each day ended, UTC. A day of which nothing was recorded is a gap.
          </figcaption>
        </figure>
      )}
    </DocumentPart>
  )
}
