import { htmlText } from '../channel-text.ts'
import { cut } from '../sentence.ts'
import type { Told } from './told.ts'

export interface MailText {
  readonly subject: string
  readonly text: string
  readonly html: string
  /** With angle brackets (RFC 5322, 3.6.4). The same at every try, so that a reader's program shows it once. */
  readonly messageId: string
  /** Messages of one subject name one message that none of them is: so they are one thread, whichever was first. */
  readonly references: string | null
}

const SUBJECT_MAX = 200
const COLOURS: Readonly<Record<Told['tone'], string>> = {
  page: '#b3261e',
  ticket: '#8a5300',
  info: '#3d4451',
  good: '#1f6f3f',
}

/** Nothing in it ends a line: no header follows from what a host calls itself. */
const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim()

/** Plain text, and HTML that loads nothing from anywhere. @param domain of the sender's address */
export const mailText = (
  id: string,
  { title, sentence, facts, links, thread, tone }: Told,
  domain: string,
): MailText => ({
  subject: cut(oneLine(title), SUBJECT_MAX),
  text: [
    title,
    '',
    sentence,
    '',
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(links.length === 0 ? [] : ['', ...links.map(({ text, href }) => `${text}: ${href}`)]),
    '',
    '-- ',
    'Rebootless sent this. Who is sent it stands under Settings, Notification channels.',
    '',
  ].join('\n'),
  html: [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font:15px/1.5 system-ui,sans-serif;color:#1b1f27;background:#ffffff;margin:0;padding:16px">',
    `<h1 style="font-size:18px;margin:0 0 8px;color:${COLOURS[tone]}">${htmlText(title)}</h1>`,
    `<p style="margin:0 0 12px">${htmlText(sentence)}</p>`,
    facts.length === 0
      ? ''
      : `<table style="border-collapse:collapse;margin:0 0 12px">${facts
          .map(
            ([name, value]) =>
              `<tr><th style="text-align:left;vertical-align:top;font-weight:normal;color:#5a6272;padding:2px 16px 2px 0">${htmlText(name)}</th><td style="padding:2px 0;overflow-wrap:anywhere">${htmlText(value)}</td></tr>`,
          )
          .join('')}</table>`,
    links
      .map(({ text, href }) => `<p style="margin:0 0 6px"><a href="${htmlText(href)}">${htmlText(text)}</a></p>`)
      .join(''),
    '<p style="margin:16px 0 0;color:#5a6272;font-size:13px">Rebootless sent this. Who is sent it stands under Settings, Notification channels.</p>',
    '</body></html>',
  ].join('\n'),
  messageId: `<${id}@${domain}>`,
  references: thread === null ? null : `<${thread}@${domain}>`,
})
