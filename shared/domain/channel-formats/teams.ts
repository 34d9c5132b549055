import type { Told } from './told.ts'

/** Microsoft, "Limits and specifications for Teams": of one message with its card. */
export const TEAMS_BYTES_MAX = 28 * 1024

interface TextRun {
  readonly type: 'TextRun'
  readonly text: string
  readonly weight?: 'Bolder'
  readonly size?: 'Medium'
  readonly color?: 'Attention' | 'Warning' | 'Good'
  readonly isSubtle?: true
}
interface RichText {
  readonly type: 'RichTextBlock'
  readonly inlines: readonly TextRun[]
}
interface OpenUrl {
  readonly type: 'Action.OpenUrl'
  readonly title: string
  readonly url: string
}
export interface TeamsMessage {
  readonly type: 'message'
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive'
      readonly contentUrl: null
      readonly content: {
        readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json'
        readonly type: 'AdaptiveCard'
        readonly version: '1.4'
        readonly body: readonly RichText[]
        readonly actions: readonly OpenUrl[]
      }
    },
  ]
}

const COLOURS = {
  page: { color: 'Attention' },
  ticket: { color: 'Warning' },
  info: {},
  good: { color: 'Good' },
} as const

const block = (...inlines: readonly TextRun[]): RichText => ({ type: 'RichTextBlock', inlines })

const cardOf = ({ title, sentence, facts, links, tone }: Told): TeamsMessage => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          block({ type: 'TextRun', text: title, weight: 'Bolder', size: 'Medium', ...COLOURS[tone] }),
          block({ type: 'TextRun', text: sentence }),
          ...facts.map(([name, value]) =>
            block({ type: 'TextRun', text: `${name}: `, isSubtle: true }, { type: 'TextRun', text: value }),
          ),
        ],
        actions: links.map(({ text, href }) => ({ type: 'Action.OpenUrl', title: text, url: href })),
      },
    },
  ],
})

const bytesOf = (message: TeamsMessage): number => new TextEncoder().encode(JSON.stringify(message)).length

/**
 * What a workflow "When a Teams webhook request is received" posts. A card's TextBlock and FactSet read Markdown, a RichTextBlock does
 * not (Adaptive Cards, "TextRun"), so a host's text makes no link there. Facts at the end are left out where it would be too large.
 */
export const teamsMessage = (told: Told): TeamsMessage => {
  for (let facts = told.facts.length; ; facts -= 1) {
    const message = cardOf({ ...told, facts: told.facts.slice(0, facts) })
    if (facts === 0 || bytesOf(message) <= TEAMS_BYTES_MAX) return message
  }
}
