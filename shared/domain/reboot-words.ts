import type { RebootAnswer } from './words.ts'

/** What a host's need for a reboot is called on screen, and what that means. */
export const REBOOT_WORDS: Readonly<Record<RebootAnswer, { readonly word: string; readonly meaning: string }>> = {
  no: { word: 'Not needed', meaning: 'What this host has, it runs.' },
  yes: { word: 'Needed', meaning: 'Only a reboot brings what is missing.' },
  yes_but_covered: {
    word: 'Can wait',
    meaning: 'A newer kernel waits for a reboot; until then live patches hold its fixes.',
  },
  unknown: { word: 'Not known', meaning: 'Nothing on this host tells whether a reboot is needed.' },
}
