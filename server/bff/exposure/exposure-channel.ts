/** Told when a class waits to be judged, or hosts to be looked at again. */
export const EXPOSURE_CHANNEL = 'rebootless_exposure'
