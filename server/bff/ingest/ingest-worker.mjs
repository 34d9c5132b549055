/** Stands in for the built one of this name where the program runs from its sources: a thread inherits no translator. */
import { register } from 'tsx/esm/api'

register()
await import('./ingest-worker.ts')
