"""A portfolio and answers that use every field of the file formats."""

PORTFOLIO = """\
company: Example Networks Inc.
timezone: America/New_York
country: NO
fiscal_year_starts: 4
fiscal_year_named_by: start
locale: en_US
leadership_channel: "#leadership"
admins: [U0ADMIN]
closing_days: [2025-12-24]
reporting: {due: 4, due_time: 16:30, opens: 8, grace: 2, reminders: [1, 5], hours: [09:00, 17:00]}
quarters: {2025-Q3: {due: 2025-10-08}}
people:
  - {slack: U0LEAD, email: lead@example.com, name: Lead, timezone: Europe/Paris, country: FR}
projects:
  - key: portal
    name: Customer Self-Service Portal
    industry: Telecommunications
    phase: Implementation
    manager: pm@example.com
    budget_owner: "@cfo"
    sponsor: U0SPONSOR
    audience: Senior Management Team
    prepared_by: Project Manager, Example Networks
    layout: memo
    currency: USD
    budget_at_completion: 1200000
    staffing_unit: developers
    scheduled_completion: Q2 2024
    leadership_channel: "#steerco"
    reporting: {due: 5}
    milestones:
      - {key: front-end, name: Front-End Development, owner: lead@example.com, baseline: 2023-12-15, weight: 2}
      - {key: back-end, name: Back-End Development, owner: U0LEAD, added: 2025-10-01}
"""

ANSWERS = """\
quarter: 2023-Q4
projects:
  portal:
    date: 2023-12-31
    phase: System Integration
    status: on track
    status_why: The vendor has confirmed.
    status_note: Integration has begun.
    scheduled_completion: Q3 2024
    executive_summary: All is well.
    conclusion: We go on.
    impact: Happier customers.
    promised: {rollout: {result: dropped, reason: No longer needed}}
    check_notes: {stalled: Waiting for the vendor}
    layout: brief
    milestones:
      front-end:
        percent_complete: 100 %
        status: Complete
        forecast: 2023-12-10
        deliverables: [New user interface, Search]
        impact: Usability.
        note: Done.
        recovery: None needed.
        more: {my-question: yes}
        promised: {training-material: kept, guide: {result: Carried over, reason: Editor ill}}
        by: u0lead
        at: 2023-12-18T11:00:00+01:00
    risks:
      - key: training
        title: Insufficient training
        kind: Risk
        challenge: Little time
        mitigation: Coordinator
        probability: medium
        impact: not rated
        owner: U0LEAD
        due: 2024-01-31
        opened: 2023-Q3
        state: closed
        milestone: front-end
      - {title: Billing interface, kind: blocker, waits_on: billing vendor, since: 2023-11-02, owner: the vendor}
    objectives:
      - key: integration
        title: Complete integration
        detail: All
        deliverable: Report
        starts: January 2024
        target: Q1 2024
        milestone: front-end
    decisions:
      - key: vendor
        what: Choose the vendor
        who: U0SPONSOR
        by: 2024-01-15
        options: [A, B]
        state: decided
        outcome: A
        milestone: front-end
    resources:
      actual_cost: $640,000
      forecast_at_completion: 1.14M
      percent_used: 53
      percent_variance: -5%
      budget_note: Fine.
      staffing_planned: 20
      staffing_actual: 18.5
      staffing_note: Two vacancies.
      vendors: As planned.
      dependencies: [User acceptance testing]
"""
