/** Contrast and magnet: asked now, so that nobody is sent home on the day. The department asks again before the exam. */
import { Alert, Checkbox, Group, Select, SimpleGrid, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useClock } from '../shell/portal-context';
import { calendarDate } from '../viewer/study-listing';
import type { OrderDraft } from './draft';
import { asksContrast, hasMriRisk, withContrast } from './draft';
import classes from './order-entry.module.css';
import type { SectionProps } from './section';
import { Choice, Section } from './section';
import type { Answer } from './stated-safety';
import { MRI_QUESTIONS } from './stated-safety';

const ANSWERS = [
  { value: 'no' as const, label: 'No' },
  { value: 'yes' as const, label: 'Yes' },
  { value: 'unknown' as const, label: 'Not known' },
];

export function SafetySection(props: SectionProps) {
  if (!asksContrast(props.draft)) return null;
  return (
    <Section title="Safety">
      <Contrast {...props} />
      {props.draft.modality === 'MRI' && <Magnet {...props} />}
    </Section>
  );
}

function Contrast({ draft, change, problems }: SectionProps) {
  const clock = useClock();
  return (
    <>
      <Checkbox size="sm" label="With contrast medium" checked={draft.contrastRequired} onChange={(event) => change(withContrast(draft, event.currentTarget.checked))} />
      {draft.contrastRequired && (
        <div className={classes.indented}>
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            <Select
              label="Contrast medium"
              required
              allowDeselect={false}
              data={[
                { value: 'IODINE', label: 'Iodine' },
                { value: 'GADOLINIUM', label: 'Gadolinium' },
                { value: 'ORAL', label: 'Oral' },
              ]}
              value={draft.contrastType || null}
              error={problems.contrastType}
              onChange={(contrastType) => change({ contrastType: (contrastType ?? '') as OrderDraft['contrastType'] })}
            />
            <TextInput label="Creatinine, mg/dL" placeholder="not known" inputMode="decimal" value={draft.creatinine} error={problems.creatinine} onChange={(event) => change({ creatinine: event.currentTarget.value })} />
            <TextInput type="date" label={draft.creatinineDate ? `Measured on ${calendarDate(draft.creatinineDate)}` : 'Measured on'} max={clock.today()} value={draft.creatinineDate} error={problems.creatinineDate} onChange={(event) => change({ creatinineDate: event.currentTarget.value })} />
          </SimpleGrid>
          <Choice<Answer> label="Ever a reaction to contrast medium?" required value={draft.allergy} options={ANSWERS} onChange={(allergy) => change({ allergy })} problem={problems.allergy} />
          {draft.allergy === 'yes' && (
            <>
              <TextInput label="What happened, and after what" required value={draft.allergyDetail} error={problems.allergyDetail} onChange={(event) => change({ allergyDetail: event.currentTarget.value })} />
              <Alert color="orange" icon={<IconAlertTriangle size={18} />} p="xs">
                The exam waits until a radiologist has decided. Premedication may be needed, or an exam without contrast.
              </Alert>
            </>
          )}
        </div>
      )}
    </>
  );
}

function Magnet({ draft, change, problems }: SectionProps) {
  return (
    <div role="group" aria-label="Before the magnet" className={classes.questions} data-problem={problems.mri ? true : undefined}>
      {MRI_QUESTIONS.map(({ id, label }) => (
        <div key={id} className={classes.question}>
          <Choice<Answer> label={label} required value={draft.mri[id] ?? ''} options={ANSWERS} onChange={(answer) => change({ mri: { ...draft.mri, [id]: answer } })} />
        </div>
      ))}
      {problems.mri && (
        <Text size="xs" c="var(--critical)">
          {problems.mri}
        </Text>
      )}
      {Object.values(draft.mri).includes('yes') && (
        <TextInput label="Which, since when, MR conditional?" required={hasMriRisk(draft)} value={draft.mriDetail} error={problems.mriDetail} onChange={(event) => change({ mriDetail: event.currentTarget.value })} />
      )}
      {hasMriRisk(draft) && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} p="xs">
          <Group gap={4}>Nobody enters the magnet with this before radiology has cleared it. Another method may answer the question sooner.</Group>
        </Alert>
      )}
    </div>
  );
}
