export type { Annotation, Attributes, Axis, Figure, Layout, Title, Trace, Values } from './figure';
