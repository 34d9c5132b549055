/** Any fixed number that nothing else locks: the letters of "Rbla". Held to the end of each transaction that appends. */
export const AUDIT_LOCK = 0x52_62_6c_61
