"""Papers as files: Excel by xlsxwriter, PDF on A4 by Typst."""
