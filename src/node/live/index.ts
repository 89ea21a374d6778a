export { exportSite, maxExportBytes } from './export';
export { type LiveServer, serveSite } from './serve';
export { liveSite, type LiveSiteOptions, type Site, type SiteDescription, siteBytes } from './site';
