import { printable } from './printable.ts'
import { cut } from './sentence.ts'

/** Half of it may be escapes; a sentence of a rollout has at most a thousand characters before. */
const SENTENCE_MAX = 1500

/**
 * Text for another program's screen: what hosts call themselves stands in sentences, so control and bidirectional
 * characters are shown as escapes (threat-model T04), and no more is sent than is read.
 */
export const plainText = (text: string, charactersMax = SENTENCE_MAX): string => cut(printable(text), charactersMax)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For a target that reads HTML in a text, as Grafana does of an annotation's. */
export const htmlText = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
