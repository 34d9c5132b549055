const NUMBERS: readonly string[] = ['no', 'one', 'two', 'three']

/** Who must agree, in a few words: `two approvers`. */
export const approvalsWord = (approvals: number): string =>
  `${NUMBERS[approvals] ?? approvals} ${approvals === 1 ? 'approver' : 'approvers'}`
