/** Why a viewer cannot change the catalogue, nor make a rollout. */
export const NO_CHANGES = 'Viewers change nothing: an operator, an approver or an admin can.'
