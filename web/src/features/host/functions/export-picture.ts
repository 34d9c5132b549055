import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { download } from '../../../ui/download.ts'
import { visibleText } from '../../../ui/host-text.tsx'

const KEPT = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'opacity',
] as const

const MARGIN = 24

/** Whose picture it is. One that is not of a real host says so wherever the file goes. */
export type PicturedHost = Pick<HostSummary, 'name' | 'origin'>

const sizeOf = (picture: SVGSVGElement) => {
  const { width, height } = picture.viewBox.baseVal
  return { width: width + 2 * MARGIN, height: height + 2 * MARGIN }
}

/** The picture as a document of its own: what the page's style sheets gave is written into each element. */
const standaloneSvg = (picture: SVGSVGElement, host: PicturedHost): string => {
  const copy = picture.cloneNode(true) as SVGSVGElement
  const originals = picture.querySelectorAll('*')
  for (const [index, element] of copy.querySelectorAll('*').entries()) {
    const original = originals[index]
    if (!original) continue
    const style = getComputedStyle(original)
    for (const property of KEPT) element.setAttribute(property, style.getPropertyValue(property))
    element.removeAttribute('style')
  }
  // What flows on the page would be dots on paper.
  for (const element of copy.querySelectorAll('.animate-flow')) element.remove()
  for (const element of copy.querySelectorAll('[class]')) element.removeAttribute('class')
  const { width, height } = sizeOf(picture)
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  copy.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width} ${height}`)
  const sheet = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  sheet.setAttribute('x', String(-MARGIN))
  sheet.setAttribute('y', String(-MARGIN))
  sheet.setAttribute('width', '100%')
  sheet.setAttribute('height', '100%')
  sheet.setAttribute('fill', getComputedStyle(document.documentElement).backgroundColor)
  copy.prepend(sheet)
  copy.append(caption(host, height - MARGIN))
  return new XMLSerializer().serializeToString(copy)
}

const caption = ({ name, origin }: PicturedHost, bottom: number): SVGTextElement => {
  const text = document.createElementNS('http://www.w3.org/2000/svg', 'text')
  text.setAttribute('y', String(bottom - 8))
  text.setAttribute('font-size', '11')
  text.setAttribute('font-family', 'sans-serif')
  text.setAttribute('fill', getComputedStyle(document.documentElement).color)
  text.textContent = `${visibleText(name, 80)}${origin === 'agent' ? '' : `, ${origin}`}`
  return text
}

/** A file name of letters, digits and dots, whatever the host is called. */
const fileName = ({ name, origin }: PicturedHost, ending: string) =>
  `${name.replace(/[^a-zA-Z0-9.-]+/g, '_').slice(0, 60) || 'host'}${origin === 'agent' ? '' : `-${origin}`}-functions.${ending}`

export const exportSvg = (picture: SVGSVGElement, host: PicturedHost): void =>
  download(new Blob([standaloneSvg(picture, host)], { type: 'image/svg+xml' }), fileName(host, 'svg'))

/** Browsers refuse a canvas with a longer side. */
const PIXELS_MAX = 16_000

/** At double density, or what the canvas can hold. */
export const exportPng = async (picture: SVGSVGElement, host: PicturedHost): Promise<void> => {
  const { width, height } = sizeOf(picture)
  const density = Math.min(2, PIXELS_MAX / Math.max(width, height))
  const url = URL.createObjectURL(new Blob([standaloneSvg(picture, host)], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(width * density)
    canvas.height = Math.round(height * density)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (blob) download(blob, fileName(host, 'png'))
  } finally {
    URL.revokeObjectURL(url)
  }
}
