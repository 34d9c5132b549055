// Goal: a runbook is read as it was written, and no text of it becomes mark-up. Method: its blocks, and what is drawn of them.
import { render, screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Runbook, runbookBlocks } from './runbook.tsx'

const TEXT = `# A transition has stalled

Some task keeps it
from its end.

## What to do

1. Open the host.
2. Read \`/proc/PID/stack\`,
   and wait.
- **Never** force first.

\`\`\`
cat /proc/1/patch_state
\`\`\`

<img src=x onerror=alert(1)> [a page](https://evil.example)`

test('headings, paragraphs, steps, bullets and code are told apart', () => {
  expect(runbookBlocks(TEXT)).toEqual([
    { kind: 'heading', text: 'A transition has stalled' },
    { kind: 'paragraph', text: 'Some task keeps it from its end.' },
    { kind: 'heading', text: 'What to do' },
    { kind: 'steps', items: ['Open the host.', 'Read `/proc/PID/stack`, and wait.', '**Never** force first.'] },
    { kind: 'code', text: 'cat /proc/1/patch_state' },
    { kind: 'paragraph', text: '<img src=x onerror=alert(1)> [a page](https://evil.example)' },
  ])
})

test('T04 what looks like mark-up stays text, and a link is no link', () => {
  const { container } = render(<Runbook markdown={TEXT} />)
  expect(container.querySelectorAll('img, a, script')).toHaveLength(0)
  expect(screen.getByText(/<img src=x onerror=alert\(1\)> a page/)).toBeTruthy()
  const steps = within(screen.getByRole('list')).getAllByRole('listitem')
  expect(steps[1]?.querySelector('code')?.textContent).toBe('/proc/PID/stack')
})
