// Goal: every failure has its problem, and none tells more than it should. Method: a table of what can be thrown.
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { DomainError, ERROR_CODES } from '@rebootless/shared/domain/errors.ts'
import { describe, expect, test } from 'vitest'
import { toProblem } from './problem-json.ts'

const withFields = (fields: object) => Object.assign(new Error('canary of the inside'), fields)

describe('toProblem', () => {
  test.each(ERROR_CODES)('%s has a status and fits the contract', (code) => {
    const problem = Problem.parse(toProblem(new DomainError(code, 'Do this.'), 'id'))
    expect(problem.status).toBeGreaterThanOrEqual(400)
    expect(problem).toMatchObject({ type: `/problems/${code}`, detail: 'Do this.', requestId: 'id' })
  })

  test.each([
    [withFields({ code: '57P01' }), 'not_ready', 503],
    [withFields({ code: '53300' }), 'not_ready', 503],
    [withFields({ code: '53100' }), 'not_ready', 503],
    [withFields({ code: 'ENOSPC' }), 'not_ready', 503],
    [withFields({ code: 'EDQUOT' }), 'not_ready', 503],
    [withFields({ code: '25006' }), 'not_ready', 503],
    [withFields({ code: '57014' }), 'not_ready', 503],
    [withFields({ code: 'ECONNREFUSED' }), 'not_ready', 503],
    [new Error('Connection terminated unexpectedly'), 'not_ready', 503],
    [new Error('Client has encountered a connection error and is not queryable'), 'not_ready', 503],
    [new Error('timeout exceeded when trying to connect'), 'not_ready', 503],
    [withFields({ type: 'entity.too.large' }), 'body_too_large', 413],
    [new URIError('x'), 'query_invalid', 400],
    [withFields({ code: '23505' }), 'internal', 500],
    [new TypeError('canary of the inside'), 'internal', 500],
    ['canary of the inside', 'internal', 500],
    [undefined, 'internal', 500],
  ])('T33 %s is %s', (error, code, status) => {
    const problem = Problem.parse(toProblem(error, 'id'))
    expect(problem).toMatchObject({ type: `/problems/${code}`, status })
    expect(JSON.stringify(problem)).not.toContain('canary')
  })

  test.each(['53100', 'ENOSPC', 'EDQUOT'])('T33 %s says that it is the disk, and that nothing was stored', (code) => {
    expect(toProblem(withFields({ code }), 'id').detail).toMatch(/disk of the server is full.*not stored.*try again/)
  })
})
