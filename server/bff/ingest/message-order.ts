/** Where a message stands in all that its host ever says; see shared/contract/agent-message.ts. */
export interface MessageOrder {
  readonly epoch: number
  readonly sequence: number
}

export const isNewer = (left: MessageOrder, right: MessageOrder): boolean =>
  left.epoch > right.epoch || (left.epoch === right.epoch && left.sequence > right.sequence)
