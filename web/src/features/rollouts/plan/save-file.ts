import { download } from '../../../ui/download.ts'

const MEDIA = 'application/yaml'

/** The file's name, of the rollout's. */
const fileName = (name: string): string => {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `${plain.slice(0, 60) || 'rollout'}.yaml`
}

/** Gives the text to the browser as a file (RFC 9512 names the media type). */
export const saveFile = (name: string, text: string): void =>
  download(new Blob([text], { type: MEDIA }), fileName(name))
