import type { ButtonHTMLAttributes, MouseEvent, ReactNode, Ref } from 'react'

/** A control must have a name: text of its own, or one of the two aria attributes. */
export type Named = { 'aria-label': string } | { 'aria-labelledby': string }

const BASE =
  'inline-flex items-center justify-center gap-1.5 rounded-control font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:text-ink-3'

const PLAIN = 'border border-line-2 bg-sheet hover:border-line-3 hover:bg-hover'
const KINDS = {
  plain: `${PLAIN} text-ink`,
  primary: 'bg-ink text-on-ink hover:bg-ink-2',
  /** What takes something away. */
  danger: `${PLAIN} text-danger-text`,
} as const
type ButtonKind = keyof typeof KINDS

export const buttonClass = (kind: ButtonKind = 'plain', size: 'small' | 'large' = 'small'): string =>
  [BASE, size === 'large' ? 'h-8 px-3 text-13' : 'h-7 px-2.5 text-12', 'touch:min-h-11', KINDS[kind]].join(' ')

/**
 * A button that cannot be pressed stays in the order of the tab key, so that its reason is found beside it, and keeps the
 * focus: the browser takes it from one with the attribute `disabled`, as after each press that waits for an answer. No
 * press gets through, nor does Enter in a field of its form, which presses it (HTML, "implicit submission").
 */
const pressable = ({ disabled, onClick }: Pick<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'onClick'>) => ({
  'aria-disabled': disabled || undefined,
  onClick: disabled ? (event: MouseEvent) => event.preventDefault() : onClick,
})

export const Button = ({
  kind = 'plain',
  size = 'small',
  className = '',
  disabled,
  onClick,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: ButtonKind
  size?: 'small' | 'large'
  ref?: Ref<HTMLButtonElement>
  children: ReactNode
}) => (
  <button
    type="button"
    className={`${buttonClass(kind, size)} ${className}`}
    {...rest}
    {...pressable({ disabled, onClick })}
  />
)

export const IconButton = ({
  className = '',
  disabled,
  onClick,
  ...rest
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label' | 'aria-labelledby'> &
  Named & { children: ReactNode }) => (
  <button
    type="button"
    title={'aria-label' in rest ? rest['aria-label'] : undefined}
    className={`inline-grid size-7 flex-none place-items-center rounded-control text-ink-3 transition-colors hover:bg-sunken hover:text-ink disabled:cursor-not-allowed disabled:text-ink-4 aria-pressed:bg-sunken aria-pressed:text-ink touch:size-11 ${className}`}
    {...rest}
    {...pressable({ disabled, onClick })}
  />
)
