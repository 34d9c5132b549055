/** As migration 0037 made them: an id's slot is `id / IDS_OF_A_SLOT % EVENT_SLOTS.length`, so they are filled in a ring. */
export const IDS_OF_A_SLOT = 100_000n
export const EVENT_SLOTS = Array.from({ length: 4 }, (_, number) => `events_${number}`)
