import * as z from 'zod'
import { Problem } from './problem.ts'
import type { RouteDefinition, ScopeRule } from './route.ts'
import type { Routes } from './routes.ts'

type Json = Record<string, unknown>

/** OpenAPI 3.1 speaks JSON Schema 2020-12 itself (OpenAPI 3.1.0, §4.8.24). */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' })
  return rest
}

const parametersOf = (schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] => {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const SAID_OF_SCOPES: Readonly<Record<ScopeRule, string>> = {
  hosts: 'Tells of the hosts in the caller’s scope alone.',
  host: 'A host out of the caller’s scope answers as one that is not there.',
  'whole fleet': 'Refused to a caller with a scope.',
  none: 'Concerns no host.',
}

const whoMay = ({ roles, scope, by, reauthenticate }: RouteDefinition): string =>
  [
    roles === 'anyone' ? 'Anyone.' : `Roles: ${roles.join(', ')}.`,
    SAID_OF_SCOPES[scope],
    ...(by === 'person' ? ['Needs a person: no API token.'] : []),
    ...(reauthenticate ? ['Needs a proof of who asks that is from just now.'] : []),
  ].join(' ')

const securityOf = ({ roles, by }: RouteDefinition): Json[] => {
  if (roles === 'anyone') return []
  return by === 'person' ? [{ session: [] }] : [{ session: [] }, { token: [] }]
}

const problem = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: ref('Problem') } },
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

const MEDIA_TYPES = {
  json: 'application/json',
  events: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  json_file: 'application/json',
} as const
const SAID_OF_MEDIA = {
  json: 'Done',
  events: 'Server-sent events; the schema is that of one `data`',
  ndjson: 'A JSON value on each line; the schema is that of one line',
  csv: 'A table (RFC 4180)',
  json_file: 'A JSON document, as a file',
} as const

const responseOf = ({ status, response, media = 'json' }: RouteDefinition): Json => {
  if (status === 204) return { description: 'Done; no content' }
  if (media === 'redirect') return { description: 'Sends the browser on, by Location' }
  return {
    description: SAID_OF_MEDIA[media],
    content: { [MEDIA_TYPES[media]]: { schema: schemaOf(response, 'output') } },
  }
}

const operationOf = (definition: RouteDefinition): Json => ({
  summary: definition.summary,
  description: whoMay(definition),
  security: securityOf(definition),
  parameters: [...parametersOf(definition.params, 'path'), ...parametersOf(definition.query, 'query')],
  ...(definition.requestMedia === 'octets'
    ? { requestBody: { required: true, content: { 'application/octet-stream': {} } } }
    : {}),
  ...(definition.body === undefined
    ? {}
    : {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemaOf(definition.body, 'input') } },
        },
      }),
  responses: { [definition.status]: responseOf(definition), default: problem },
})

/** `/api/v1/hosts/:id` as OpenAPI writes it: `/api/v1/hosts/{id}`. */
export const openApiPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}')

/** The contract as an OpenAPI 3.1 document, written from the route table alone. */
export const openApiDocument = (table: Routes): Json => {
  const paths: Record<string, Json> = {}
  for (const [key, definition] of Object.entries<RouteDefinition>(table)) {
    const [method = '', path = ''] = key.split(' ')
    paths[openApiPath(path)] = { ...paths[openApiPath(path)], [method.toLowerCase()]: operationOf(definition) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rebootless',
      version: '1',
      description:
        'Live patching of Linux kernels over a fleet: patch states, transitions and redirections of each host.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-rebootless' },
        token: { type: 'http', scheme: 'bearer', description: 'An API token' },
      },
    },
  }
}
