import { useEffect, useRef, useState } from 'preact/hooks';
import { useWorkbench } from '../page/workbench';
import { formatTime, verdictOf } from '../result/classes';
import type { LiveWindow, ModelSummary } from '../worker/protocol';
import { FinishedView, RestoreOffer } from './recordings';
import {
  type Level,
  levelMeter,
  LevelMeter,
  MicrophoneOptions,
  silentLevel,
  useMicrophoneChoice,
} from './microphone-controls';
import {
  LiveStatistics,
  LiveTimeline,
  type LiveTimelineHandle,
  type LiveTimes,
  LiveView,
  Spectrogram,
  type SpectrogramHandle,
  StatisticsLine,
} from './live-view';
import { prepareCapture } from './microphone';
import {
  deleteRecording,
  type FinishedRecording,
  maxRecordingSec,
  storedRecordings,
  useRecorder,
} from './use-recorder';

const hopSec = 0.25;
/** Longest time that one live prediction stands for in the timeline, seconds. */
const maxGapSec = 1;
/** Time between announcements of live predictions, ms. */
const announceMs = 4000;
/** Peaks below this level are not speech, dBFS. */
const noiseDb = -50;

/** Live predictions from the microphone, and the finished recording. */
export function SpeakTab() {
  const { model, threshold, announce } = useWorkbench();
  const microphone = useMicrophoneChoice();
  const [level, setLevel] = useState<Level>(silentLevel);
  const [seconds, setSeconds] = useState(0);
  const [window, setWindow] = useState<LiveWindow | undefined>();
  const [times, setTimes] = useState<LiveTimes | undefined>();
  /** the model of the running recording; the choice may change meanwhile */
  const [liveModel, setLiveModel] = useState<ModelSummary | undefined>();
  const [finished, setFinished] = useState<FinishedRecording | undefined>();
  const spectrogram = useRef<SpectrogramHandle>(null);
  const timeline = useRef<LiveTimelineHandle>(null);
  const run = useRef({
    measure: levelMeter(),
    statistics: new LiveStatistics(),
    frames: 0,
    endSec: 0,
    announcedMs: 0,
  });

  const onWindow = (next: LiveWindow): void => {
    const { statistics } = run.current;
    setWindow(next);
    const sampleRate = recorder.state.phase === 'recording' ? recorder.state.capture.sampleRate : 48_000;
    const endSec = next.endFrame / sampleRate;
    // If predictions were skipped on a busy machine, the next one stands for them.
    const startSec = Math.max(run.current.endSec, endSec - maxGapSec);
    run.current.endSec = endSec;
    timeline.current?.append({ startSec, endSec, probabilities: next.probabilities });
    requestAnimationFrame(() => {
      // After this frame has been drawn.
      setTimeout(() => {
        statistics.add(next, performance.timeOrigin + performance.now());
        setTimes(statistics.times);
      }, 0);
    });
    const nowMs = performance.now();
    if (!next.probabilities || !liveModel || nowMs - run.current.announcedMs < announceMs) return;
    run.current.announcedMs = nowMs;
    announce(verdictOf(liveModel.classes, next.probabilities, threshold).text);
  };
  const recorder = useRecorder(setFinished, {
    onWindow,
    onSpectrogram: (columns) => spectrogram.current?.append(columns),
    onSamples: (samples, sampleRate) => {
      const { current } = run;
      const before = Math.floor((current.frames / sampleRate) * 20);
      current.frames += samples.length;
      const now = current.measure(samples, sampleRate);
      // Twenty times a second.
      if (Math.floor((current.frames / sampleRate) * 20) === before) return;
      setLevel(now);
      setSeconds(current.frames / sampleRate);
    },
  });
  const { state } = recorder;
  const isRecording = state.phase === 'recording';
  const isBusy = state.phase !== 'idle';
  const capture = isRecording ? state.capture : undefined;

  useEffect(() => {
    // Loads the code of the audio thread, so that nothing is fetched later.
    prepareCapture();
  }, []);
  useEffect(() => {
    if (isRecording) microphone.refresh();
  }, [isRecording]);

  const start = (): void => {
    run.current = {
      measure: levelMeter(),
      statistics: new LiveStatistics(),
      frames: 0,
      endSec: 0,
      announcedMs: 0,
    };
    setFinished(undefined);
    setWindow(undefined);
    setTimes(undefined);
    setSeconds(0);
    setLevel(silentLevel);
    setLiveModel(model);
    spectrogram.current?.clear();
    timeline.current?.clear();
    const { deviceId, processing } = microphone.choice;
    void recorder.start(deviceId, processing);
  };
  const remove = async (): Promise<void> => {
    // Without storage, for example in a private window, there is nothing to delete there.
    const stored = await storedRecordings().catch(() => []);
    await Promise.all(stored.map(({ id }) => deleteRecording(id)));
    setFinished(undefined);
  };

  return (
    <div class="stack">
      {!isBusy && !finished && <RestoreOffer onRestore={setFinished} />}
      <section class="card stack" aria-labelledby="speak-title">
        <div class="row between">
          <h2 id="speak-title">Speak, and watch the predictions</h2>
          <span class="timer" aria-label="Length of the recording">
            {formatTime(seconds)} <span class="quiet">of {formatTime(maxRecordingSec, 0)}</span>
          </span>
        </div>
        <div class="record-row">
          {isBusy ? (
            <button
              type="button"
              class="record stop"
              disabled={!isRecording}
              onClick={() => {
                recorder.stop();
              }}
            >
              <span class="stop-mark" aria-hidden="true" />
              {state.phase === 'starting' ? 'Starting …' : isRecording ? 'Stop' : 'Stopping …'}
            </button>
          ) : (
            <button type="button" class="primary record" disabled={!model} onClick={start}>
              <span class="record-mark" aria-hidden="true" />
              {finished ? 'Record again' : 'Start recording'}
            </button>
          )}
          <LevelMeter level={level} isActive={isRecording} />
        </div>
        {state.phase === 'starting' && (
          <p class="message">The browser asks for permission to use the microphone: choose Allow.</p>
        )}
        {state.phase === 'idle' && state.problem !== undefined && (
          <p class="message error" role="alert">
            {state.problem}
          </p>
        )}
        {capture && differsFrom(microphone.choice.processing, capture.processing) && (
          <p class="message warning">
            The browser's processing differs from your choice: {describe(capture.processing)}.
          </p>
        )}
        <MicrophoneOptions state={microphone} isDisabled={isBusy} />
      </section>
      {finished && <FinishedView recording={finished} onDelete={remove} />}
      <section class="card stack" aria-labelledby="live-title" hidden={finished !== undefined && !isBusy}>
        <div class="row between">
          <h2 id="live-title">Live</h2>
          <span class="quiet small">
            {capture ? `${capture.label}, model ${liveModel?.name}` : 'Predictions appear while you record'}
          </span>
        </div>
        {model && (
          <LiveView
            model={liveModel ?? model}
            window={window}
            threshold={threshold}
            isTooQuiet={level.peakDb < noiseDb}
            isActive={isBusy}
          />
        )}
        <figure class="plots">
          <figcaption class="plot-title">
            Spectrogram <span class="quiet">log-mel, 0 to 8 kHz, last 10 s</span>
          </figcaption>
          <div class="spectrogram-row">
            <span class="plot-axis" aria-hidden="true">
              <span>8 kHz</span>
              <span>0</span>
            </span>
            <Spectrogram handle={spectrogram} />
          </div>
          {model && (
            <LiveTimeline handle={timeline} classes={(liveModel ?? model).classes} threshold={threshold} />
          )}
        </figure>
        <StatisticsLine
          times={times}
          hopSec={hopSec}
          inputLatencySec={capture?.inputLatencySec}
          sampleRate={capture?.sampleRate}
        />
      </section>
    </div>
  );
}

const settings = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;

const differsFrom = (
  wanted: Record<(typeof settings)[number], boolean>,
  applied: Record<(typeof settings)[number], boolean>,
): boolean => settings.some((name) => wanted[name] !== applied[name]);

function describe({
  echoCancellation,
  noiseSuppression,
  autoGainControl,
}: Record<(typeof settings)[number], boolean>): string {
  const state = (isOn: boolean): string => (isOn ? 'on' : 'off');
  return `echo cancellation ${state(echoCancellation)}, noise suppression ${state(noiseSuppression)}, gain control ${state(autoGainControl)}`;
}
