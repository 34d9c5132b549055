/** A key or what belongs to it cannot be used: `message` says why and what to do. */
export class KeyError extends Error {}
