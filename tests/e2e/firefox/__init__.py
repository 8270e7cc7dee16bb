"""Firefox, driven over WebDriver BiDi by puppeteer-core: Playwright drives only a Firefox of its own making."""
