import { cut } from '../sentence.ts'
import type { Told } from './told.ts'

/** Slack, "Reference: Block Kit": of a header, of a text, of a field, fields of a section, blocks of a message. */
export const SLACK_HEADER_MAX = 150
export const SLACK_TEXT_MAX = 3000
export const SLACK_FIELD_MAX = 2000
export const SLACK_FIELDS_MAX = 10
export const SLACK_BLOCKS_MAX = 50

interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
  /** False: `:name:` stays as it is. */
  readonly emoji: false
}
interface Markdown {
  readonly type: 'mrkdwn'
  readonly text: string
  readonly verbatim: true
}
type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text?: PlainText | Markdown; readonly fields?: readonly PlainText[] }

export interface SlackMessage {
  /** For notifications, and for readers that show no blocks. */
  readonly text: string
  readonly blocks: readonly Block[]
  readonly unfurl_links: false
  readonly unfurl_media: false
}

const plain = (text: string, charactersMax: number): PlainText => ({
  type: 'plain_text',
  text: cut(text, charactersMax),
  emoji: false,
})

/** Slack, "Formatting text for app surfaces", "Escaping text": the three characters that begin a mention, a link or an entity. */
export const slackText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const MARKS: Readonly<Record<Told['tone'], string>> = { page: '🔴 ', ticket: '🟠 ', info: '', good: '🟢 ' }

/**
 * The body of an incoming webhook (Slack, "Sending messages using incoming webhooks"). What may be hostile stands in plain text alone,
 * where neither `<!channel>` nor a link means anything; links are of our own pages.
 */
export const slackMessage = ({ title, sentence, facts, links, tone }: Told): SlackMessage => {
  const headed = `${MARKS[tone]}${title}`
  const written = links.map(({ text, href }) => `<${slackText(href)}|${slackText(text)}>`).join('  ·  ')
  return {
    text: cut(slackText(`${headed}. ${sentence}`), SLACK_TEXT_MAX),
    blocks: [
      { type: 'header', text: plain(headed, SLACK_HEADER_MAX) },
      { type: 'section', text: plain(sentence, SLACK_TEXT_MAX) },
      ...(facts.length === 0
        ? []
        : [
            {
              type: 'section' as const,
              fields: facts
                .slice(0, SLACK_FIELDS_MAX)
                .map(([name, value]) => plain(`${name}\n${value}`, SLACK_FIELD_MAX)),
            },
          ]),
      ...(written === ''
        ? []
        : [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: written, verbatim: true as const } }]),
    ],
    unfurl_links: false,
    unfurl_media: false,
  }
}
