/** Why a viewer cannot change the catalogue. */
export const NO_CHANGES = 'Viewers change nothing: an operator, an approver or an admin can.'
