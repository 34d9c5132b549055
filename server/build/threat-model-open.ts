/** What no test proves yet, and the subject that it waits for. This list only shrinks. */
export const OPEN: Readonly<Record<string, string>> = {
  T39: 'storms',
}

/** Of a number that tests prove for what there is: the part that nothing proves yet, and what it waits for. This list only shrinks. */
export const OPEN_PARTS: Readonly<Record<string, { readonly part: string; readonly waitsFor: string }>> = {
  T01: { part: 'sessions of kiosks, which are viewers only', waitsFor: 'kiosks' },
  T13: { part: 'tables of other pages than the audit log', waitsFor: 'their exports' },
}
