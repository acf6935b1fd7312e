import { Button, Group, NumberInput, Radio, SimpleGrid, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { screenPatient } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { NotPassed, ScreeningDecision } from './screening-decision';

type Answer = 'yes' | 'no' | '';
const MRI_QUESTIONS = [
  ['pacemaker', 'Pacemaker or defibrillator'],
  ['metallicImplants', 'Metallic implants'],
  ['cochlearImplants', 'Cochlear implants'],
  ['aneurysmClips', 'Aneurysm clips'],
  ['claustrophobia', 'Claustrophobia'],
] as const;

const IMPLANTS = ['pacemaker', 'metallicImplants', 'cochlearImplants', 'aneurysmClips'] as const;

type MriKey = (typeof MRI_QUESTIONS)[number][0];

/** A gate before the exam: its questions, and for a radiologist the decision where an answer speaks against it. */
export function Screening({ order, mayDecide, onDone }: { order: Order; mayDecide: boolean; onDone: () => void }) {
  const [isAnswering, setAnswering] = useState(false);
  if (mayDecide && !isAnswering && order.screening?.passed === false) {
    return <ScreeningDecision order={order} screening={order.screening} onAnswer={() => setAnswering(true)} onDone={onDone} />;
  }
  return <ScreeningForm order={order} onDone={onDone} onRefused={() => setAnswering(false)} />;
}

/** Nothing is answered beforehand, so that no answer is given by leaving it alone. */
function ScreeningForm({ order, onDone, onRefused }: { order: Order; onDone: () => void; onRefused: () => void }) {
  const queries = useQueryClient();
  const needsContrast = order.screeningRequired.includes('contrast');
  const needsMri = order.screeningRequired.includes('mri');
  const [allergy, setAllergy] = useState<Answer>('');
  const [allergyDetail, setAllergyDetail] = useState('');
  const [premedicated, setPremedicated] = useState<Answer>('');
  const [metformin, setMetformin] = useState<Answer>('');
  const [creatinine, setCreatinine] = useState<number | string>('');
  const [egfr, setEgfr] = useState<number | string>('');
  const [mri, setMri] = useState<Partial<Record<MriKey, Answer>>>({});
  const [detail, setDetail] = useState('');
  const [measure, setMeasure] = useState('');

  const hasKidneyValue = typeof creatinine === 'number' || typeof egfr === 'number';
  const isContrastAnswered = !needsContrast || (allergy !== '' && metformin !== '' && (allergy === 'no' || premedicated !== '') && (order.contrastType === 'ORAL' || hasKidneyValue));
  const isMriAnswered = !needsMri || MRI_QUESTIONS.every(([key]) => mri[key] !== undefined && mri[key] !== '');

  const save = useMutation({
    mutationFn: () =>
      screenPatient(order, {
        ...(needsContrast
          ? {
              contrast: {
                allergyToContrast: allergy === 'yes',
                allergyDetail,
                premedicated: premedicated === 'yes',
                metformin: metformin === 'yes',
                creatinineMgPerDl: typeof creatinine === 'number' ? creatinine : null,
                egfrMlPerMin: typeof egfr === 'number' ? egfr : null,
              },
            }
          : {}),
        ...(needsMri
          ? {
              mri: {
                pacemaker: mri.pacemaker === 'yes',
                metallicImplants: mri.metallicImplants === 'yes',
                cochlearImplants: mri.cochlearImplants === 'yes',
                aneurysmClips: mri.aneurysmClips === 'yes',
                claustrophobia: mri.claustrophobia === 'yes',
                claustrophobiaMeasure: mri.claustrophobia === 'yes' ? measure.trim() : '',
                detail,
              },
            }
          : {}),
      }),
    onSuccess: (updated) => {
      void queries.invalidateQueries({ queryKey: ['orders'] });
      if (updated.screening?.passed) {
        told('Screening passed');
        onDone();
      } else onRefused();
    },
    onError: (error) => refused(error, 'Not saved'),
  });
  const verdict = save.data?.screening;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        {needsContrast && (
          <section aria-label="Contrast medium">
            <Title order={3} mb="xs">
              Contrast medium ({(order.contrastType ?? 'type not given').toLowerCase()})
            </Title>
            <Stack gap="xs">
              <YesNo label="Allergy to contrast medium" value={allergy} onChange={setAllergy} />
              {allergy === 'yes' && (
                <>
                  <TextInput label="Which, and what happened" value={allergyDetail} onChange={(event) => setAllergyDetail(event.currentTarget.value)} />
                  <YesNo label="Premedication given" value={premedicated} onChange={setPremedicated} />
                </>
              )}
              <YesNo label="Takes metformin" value={metformin} onChange={setMetformin} />
              <SimpleGrid cols={2}>
                <NumberInput label="Creatinine, mg/dl" min={0.05} max={30} step={0.1} decimalScale={2} value={creatinine} onChange={setCreatinine} />
                <NumberInput label="eGFR, ml/min" min={0} max={250} value={egfr} onChange={setEgfr} />
              </SimpleGrid>
            </Stack>
          </section>
        )}
        {needsMri && (
          <section aria-label="Magnet safety">
            <Title order={3} mb="xs">
              Magnet safety
            </Title>
            <Stack gap="xs">
              {MRI_QUESTIONS.map(([key, label]) => (
                <YesNo key={key} label={label} value={mri[key] ?? ''} onChange={(value) => setMri({ ...mri, [key]: value })} />
              ))}
              {mri.claustrophobia === 'yes' && (
                <TextInput label="What is done about claustrophobia" description="Sedation, an open scanner, company, or agreed after a talk" value={measure} onChange={(event) => setMeasure(event.currentTarget.value)} />
              )}
              {IMPLANTS.some((key) => mri[key] === 'yes') && (
                <Textarea label="Which, and since when" description="Model and maker: the radiologist decides by them" autosize minRows={2} value={detail} onChange={(event) => setDetail(event.currentTarget.value)} />
              )}
            </Stack>
          </section>
        )}
        {verdict && !verdict.passed && <NotPassed screening={verdict} />}
        <Group justify="flex-end">
          <Button type="submit" disabled={!isContrastAnswered || !isMriAnswered} loading={save.isPending}>
            Save the answers
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function YesNo({ label, value, onChange }: { label: string; value: Answer; onChange: (value: Answer) => void }) {
  return (
    <Radio.Group label={label} value={value} onChange={(next) => onChange(next as Answer)} required styles={{ root: { display: 'grid', gridTemplateColumns: '1fr auto', alignItems: 'center' } }}>
      <Group gap="md">
        <Radio size="xs" value="no" label="No" />
        <Radio size="xs" value="yes" label="Yes" />
      </Group>
    </Radio.Group>
  );
}
