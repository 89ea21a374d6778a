/**
 * Controls for interactive cells, see `interact`: sliders, lists, buttons, file uploads and layouts.
 *
 * @example
 * ```ts
 * const { slider, dropdown } = ser.controls;
 * await ser.interact(
 *   { snrDb: slider({ min: 0, max: 40, value: 20, label: 'SNR (dB)' }), clip: dropdown(clips, { text: ({ path }) => path }) },
 *   ({ snrDb, clip }) => `${clip.path} at ${snrDb} dB`,
 * );
 * ```
 *
 * @module
 */

export {
  slider,
  logSlider,
  range,
  dropdown,
  drillDown,
  toggles,
  checkbox,
  text,
  button,
  play,
  upload,
  progressBar as progress,
  row,
  column,
  tabs,
  type Control,
  type DrillDownOptions,
  type ControlOptions,
  type ControlValues,
  type ProgressHandle,
  type UploadedFile,
} from '../notebook';
