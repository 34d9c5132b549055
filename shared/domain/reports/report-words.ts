/** `kept no more`: it was put into the channel's outbox, whose messages are kept for some weeks. `not sent`: the channel could not take it. */
export const REPORT_STATES = ['waiting', 'delivered', 'given up', 'kept no more', 'not sent'] as const
export type ReportState = (typeof REPORT_STATES)[number]
