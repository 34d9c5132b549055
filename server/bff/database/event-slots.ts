/** As migration 0037 made them: an id's slot is `id / IDS_OF_A_SLOT % EVENT_SLOTS.length`, so they are filled in a ring. */
export const IDS_OF_A_SLOT = 50_000n
export const EVENT_SLOTS = Array.from({ length: 8 }, (_, number) => `events_${number}`)
