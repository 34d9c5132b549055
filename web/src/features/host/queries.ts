import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

export const hostQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostFacts(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id', { params: { id }, signal }),
  })

export const hostTransitionQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostTransition(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/transition', { params: { id }, signal }),
  })

export const hostRedirectionsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostRedirections(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/redirections', { params: { id }, signal }),
  })

/** Pressure makes no event: agents tell it once a minute. */
export const hostKernelReadingsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostKernelReadings(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/kernel-readings', { params: { id }, signal }),
    refetchInterval: 30_000,
  })

export const hostRawQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostRaw(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/raw', { params: { id }, signal }),
  })
