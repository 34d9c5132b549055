/** A value of a tool's JSON, every key of which may be missing or of another kind. */
export interface JsonObject {
  readonly [key: string]: unknown
}

/** null: the text is no JSON object. */
export const parseObject = (text: string): JsonObject | null => {
  try {
    return object(JSON.parse(text))
  } catch {
    return null
  }
}

export const object = (value: unknown): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** null: no text, or an empty one, which the client writes for what it does not know. */
export const text = (value: unknown, charactersMax: number): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, charactersMax) : null
