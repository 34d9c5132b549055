/**
 * Data that patches hang on the kernel's objects: Documentation/livepatch/shadow-vars.rst. An object is whatever stands
 * for its address; a variable is known by that and an id.
 */
export class ShadowVariables {
  readonly #variables = new Map<number, Map<unknown, { data: unknown }>>()

  /** klp_shadow_get; undefined: there is none. */
  get(object: unknown, id: number): { data: unknown } | undefined {
    return this.#variables.get(id)?.get(object)
  }

  /** klp_shadow_alloc. @returns undefined when there is one already, or its constructor refuses */
  allocate(
    object: unknown,
    id: number,
    construct?: (variable: { data: unknown }) => boolean,
  ): { data: unknown } | undefined {
    if (this.get(object, id) !== undefined) return undefined
    const variable = { data: undefined }
    if (construct?.(variable) === false) return undefined
    const ofId = this.#variables.get(id) ?? new Map<unknown, { data: unknown }>()
    this.#variables.set(id, ofId.set(object, variable))
    return variable
  }

  /** klp_shadow_get_or_alloc */
  getOrAllocate(
    object: unknown,
    id: number,
    construct?: (variable: { data: unknown }) => boolean,
  ): { data: unknown } | undefined {
    return this.get(object, id) ?? this.allocate(object, id, construct)
  }

  /** klp_shadow_free */
  free(object: unknown, id: number, destroy?: (object: unknown, variable: { data: unknown }) => void): void {
    const variable = this.get(object, id)
    if (variable === undefined) return
    destroy?.(object, variable)
    const ofId = this.#variables.get(id)
    ofId?.delete(object)
    if (ofId?.size === 0) this.#variables.delete(id)
  }

  /** klp_shadow_free_all */
  freeAll(id: number, destroy?: (object: unknown, variable: { data: unknown }) => void): void {
    for (const object of [...(this.#variables.get(id)?.keys() ?? [])]) this.free(object, id, destroy)
  }
}
