import type { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import { ApiProblem, problemOf } from './api-problem.ts'

/** As the route takes it. */
export const MODULE_BYTES_MAX = 64 * 1024 * 1024
/** What a file dialog offers: modules, packed ones, and packages that hold one. */
export const MODULE_FILES = '.ko,.xz,.zst,.gz,.rpm,.deb'

/**
 * Uploads a module as it is. `fetch` does not tell how far an upload has come, so this is the older way.
 * @param dryRun it is only read, and nothing is kept
 * @param onProgress from 0 to 1
 * @throws ApiProblem, or an AbortError
 */
export const uploadModule = (
  file: Blob,
  {
    onProgress,
    signal,
    dryRun = false,
  }: { onProgress: (share: number) => void; signal: AbortSignal; dryRun?: boolean },
): Promise<PatchUpload> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', dryRun ? '/api/v1/patches?dryRun=true' : '/api/v1/patches')
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.setRequestHeader('accept', 'application/json, application/problem+json')
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total)
    request.onerror = () => reject(ApiProblem.unreachable(null))
    request.onabort = () => reject(new DOMException('The upload was broken off.', 'AbortError'))
    request.onload = () => {
      const { status, responseText } = request
      if (status === 201) resolve(JSON.parse(responseText) as PatchUpload)
      else problemOf(new Response(responseText, { status: status === 0 ? 502 : status })).then(reject, reject)
    }
    signal.addEventListener('abort', () => request.abort(), { once: true })
    if (signal.aborted) request.abort()
    else request.send(file)
  })
