/** Moves the focus to the next or previous row's link. */
export const moveRow = (step: 1 | -1) => {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')].sort(
    (left, right) => left.getBoundingClientRect().top - right.getBoundingClientRect().top,
  )
  const at = links.indexOf(document.activeElement as HTMLElement)
  links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]?.focus()
}
