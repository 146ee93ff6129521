"""Whole reports: the facts of the three sample reports in our own words, and a quarter in which much went wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from report_builders import (
    a_budget_before,
    a_decision,
    a_milestone,
    a_missing_milestone,
    a_report,
    a_risk,
    an_objective,
    known,
    resources,
    sources_of,
)

from bot.domain.milestone_line import LineState
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import (
    Check,
    CheckEvidence,
    EarnedValue,
    ProjectStatus,
    PromiseLine,
    PromiseTally,
    QuarterlyReport,
    ScopeChange,
    ScopeChangeKind,
    Source,
    StatusPoint,
)
from bot.domain.update import DecisionState, PromiseResult, Rating, RiskKind

Q = Quarter


def brief_sample() -> QuarterlyReport:
    """The facts of the brief sample: a portal in its first quarter of 2025, slightly over budget."""
    said = {"owner": "Mira Chen", "answered_by": "Mira Chen", "answered_at": datetime(2025, 4, 1, 9, 30, tzinfo=UTC)}
    tom = {"owner": "Tom Reyes", "answered_by": "Tom Reyes", "answered_at": datetime(2025, 4, 2, 15, tzinfo=UTC)}
    lines = (
        a_milestone(
            "Design",
            100,
            status=RagStatus.COMPLETE,
            deliverables=("Approved blueprint of the new portal",),
            **said,
        ),
        a_milestone(
            "Development",
            70,
            deliverables=("Billing management", "Account settings", "Troubleshooting tools"),
            **tom,
        ),
        a_milestone(
            "Limited user test",
            100,
            status=RagStatus.COMPLETE,
            deliverables=(
                "Trial with a small group of customers, who found the new portal easier to use than the old one",
            ),
            **said,
        ),
    )
    opened = {"opened": Q(2025, 1)}
    budget = Source("Resources and budget", "Dana Petrov", datetime(2025, 4, 2, 16, tzinfo=UTC))
    return a_report(
        *lines,
        company="OptiCom Networks Inc.",
        project_name="Customer Self-Service Portal Upgrade",
        quarter=Q(2025, 1),
        quarter_label="Q1 2025",
        period=(date(2025, 1, 1), date(2025, 3, 31)),
        report_date=date(2025, 4, 3),
        layout="brief",
        status=ProjectStatus(
            RagStatus.ON_TRACK,
            RagStatus.AT_RISK,
            None,
            why="The overrun is small, and savings planned for the next quarters cover it.",
            phase="Implementation",
        ),
        impact="Customers will manage their accounts without calling us, which serves satisfaction and retention.",
        risks=(
            a_risk(
                "Budget overrun",
                challenge="Development turned out more complex than foreseen and is 5% over budget.",
                mitigation="Costs are cut where it hurts least, and vendor contracts are being renegotiated.",
                **opened,
            ),
            a_risk(
                "Staffing",
                challenge="Skilled developers are hard to find.",
                mitigation="An IT staffing agency now helps to hire.",
                **opened,
            ),
        ),
        objectives=(
            an_objective(
                "Finish development", detail="The remaining tasks are completed and integrated into the portal."
            ),
            an_objective("Test thoroughly", detail="System tests and user acceptance testing (UAT) prove stability."),
            an_objective(
                "Prepare the rollout", detail="Customers move over in phases, so that disruption stays small."
            ),
        ),
        resources=resources(
            percent_variance=5,
            budget_note="Savings in the coming quarters are expected to make up for it.",
            staffing_unit="developers",
            staffing_actual=20,
            staffing_note="More are joining through the staffing agency.",
            vendors="Several vendors work with us on software development, testing, and infrastructure support.",
        ),
        sources=sources_of(*lines, others=(budget,)),
    )


def executive_sample() -> QuarterlyReport:
    """The facts of the executive sample: a portal at the end of 2023, in system integration."""
    dana = {"owner": "Dana Petrov", "answered_by": "Dana Petrov"}
    lines = (
        a_milestone(
            "Front-End Development",
            100,
            status=RagStatus.COMPLETE,
            deliverables=("New user interface",),
            impact="Customers get a portal that is easier to use and easier on the eye.",
            answered_at=datetime(2023, 12, 18, 10, tzinfo=UTC),
            **dana,
        ),
        a_milestone(
            "Back-End Development",
            95,
            deliverables=("Backend upgraded for more functions and more customers",),
            answered_at=datetime(2023, 12, 18, 10, 5, tzinfo=UTC),
            **dana,
        ),
        a_milestone(
            "Integration with Existing Systems",
            40,
            deliverables=("First connections to billing, customer relationship management, and service provisioning",),
            owner="Ravi Menon",
            answered_by="Ravi Menon",
            answered_at=datetime(2023, 12, 20, 8, tzinfo=UTC),
        ),
    )
    opened = {"opened": Q(2023, 4)}
    budget = Source("Resources and budget", "Dana Petrov", datetime(2023, 12, 18, 10, 20, tzinfo=UTC))
    return a_report(
        *lines,
        company="OptiCom Networks Inc.",
        project_name="Customer Self-Service Portal Upgrade",
        quarter=Q(2023, 4),
        quarter_label="Q4 2023",
        period=(date(2023, 10, 1), date(2023, 12, 31)),
        report_date=date(2023, 12, 31),
        layout="executive",
        status=ProjectStatus(RagStatus.ON_TRACK, RagStatus.ON_TRACK, None, phase="System Integration"),
        scheduled_completion="Q2 2024",
        impact="Together these milestones bring our goal of a modern and seamless self-service within reach.",
        risks=(
            a_risk(
                "Insufficient Training",
                challenge="Service representatives must know the new portal before it opens, "
                "and the sessions may clash with their schedules.",
                mitigation="Two more people now coordinate the training and solve technical issues.",
                **opened,
            ),
            a_risk(
                "Vendor Collaboration",
                challenge="Several vendors have to be coordinated during integration.",
                mitigation="Each has one contact, agreed expectations, and a progress review every week.",
                **opened,
            ),
        ),
        objectives=(
            an_objective(
                "Complete System Integration",
                detail="Data flows between the portal and all existing systems.",
                target="Q1 2024",
            ),
            an_objective(
                "User Acceptance Testing",
                detail="Starts once integration is complete, and covers functions and usability.",
                starts="January 2024",
            ),
            an_objective(
                "Prepare for Rollout",
                detail="Training material, documentation and a plan agreed with the teams concerned.",
                target="Q1 2024",
            ),
        ),
        resources=resources(
            budget_note="Spending is as expected, without notable deviations.",
            staffing_note="The teams are staffed as planned.",
            vendors="Vendors meet with us every week to settle issues early.",
            dependencies=("Successful user acceptance testing", "Final preparations for the rollout"),
        ),
        sources=sources_of(*lines, others=(budget,)),
    )


def memo_sample() -> QuarterlyReport:
    """The facts of the memo sample: a portal in the first quarter of 2023, with its predecessor's figures known."""
    said = {"owner": "Priya Nair", "answered_by": "Priya Nair", "answered_at": datetime(2023, 4, 3, 14, tzinfo=UTC)}
    lines = (
        a_milestone(
            "Mobile App Enhancements",
            85,
            deliverables=("Push notifications", "User authentication", "Session management"),
            impact="Customers use the app more, and internal workflows are shorter.",
            **said,
        ),
        a_milestone(
            "Website UI/UX Improvements",
            70,
            deliverables=("New navigation structure", "Reworked key pages"),
            impact="User satisfaction is up by as much as 15%.",
            **said,
        ),
        a_milestone(
            "Customer Support System Updates",
            90,
            deliverables=("Ticketing system with faster resolution",),
            impact="Support answers sooner, and customers are happier with it.",
            **said,
        ),
    )
    opened = {"opened": Q(2023, 1)}
    return a_report(
        *lines,
        company="TelecomSphere Solutions",
        project_name="Customer Self-Service Portal Upgrade",
        quarter=Q(2023, 1),
        quarter_label="Q1 2023",
        period=(date(2023, 1, 1), date(2023, 3, 31)),
        report_date=date(2023, 4, 5),
        layout="memo",
        audience="Senior Management Team",
        prepared_by="Project Manager, TelecomSphere Solutions",
        status=ProjectStatus(RagStatus.ON_TRACK, RagStatus.ON_TRACK, None, phase="Implementation"),
        scheduled_completion="Q3 2023",
        executive_summary="Most of the planned enhancements are in place: the mobile app, the website and customer "
        "support have all moved well forward. Vendors were late at first; we deal with it so that the dates hold.\n\n"
        "User satisfaction rose this quarter. Stakeholders do not yet agree on everything, "
        "which regular consultations address.",
        conclusion="The next steps are clear, and the challenges are in hand.",
        risks=(
            a_risk(
                "Stakeholder Misalignment",
                challenge="Stakeholders expect different things, above all of the scope of the enhancements.",
                mitigation="They meet every second week to agree on priorities.",
                **opened,
            ),
            a_risk(
                "Vendor Delays",
                challenge="Third-party vendors for the mobile app are integrated later than planned.",
                mitigation="Integration tasks are escalated early, and a contingency plan is ready.",
                **opened,
            ),
        ),
        objectives=(
            an_objective(
                "Completion of Remaining Features",
                detail="The rest of the mobile app and of the website is deployed.",
                target="Q2 2023",
            ),
            an_objective(
                "Testing and Validation",
                detail="Broad tests show that the system is stable before everybody gets it.",
                target="Ongoing, with feedback after launch in the first week of Q2",
            ),
            an_objective(
                "Vendor Collaboration",
                detail="The vendors' parts work seamlessly in the mobile app.",
                target="Ongoing, with a plan for unforeseen delays",
            ),
            an_objective(
                "User Feedback Integration",
                detail="What users tell us goes into the final version.",
                target="Q2 2023",
            ),
        ),
        resources=resources(
            budget_note="Within budget; staff, vendors and equipment are used well.",
            staffing_note="The team fits its workload.",
            vendors="Key vendors work with us continuously.",
            dependencies=("Few outside resources, since existing systems are reused",),
        ),
        sources=sources_of(*lines),
    )


def a_difficult_quarter() -> QuarterlyReport:
    """A project in trouble: a missing update, a fall, slips, money over budget, decisions, promises, a printed note."""
    said = {"owner": "Lena Vogt", "answered_by": "Lena Vogt", "answered_at": datetime(2026, 1, 4, 9, tzinfo=UTC)}
    lines = (
        a_milestone(
            "Mobile app",
            85,
            baseline=date(2026, 2, 13),
            forecast=date(2026, 2, 12),
            slippage_days=-1,
            deliverables=("Offline mode", "New start page"),
            impact="Field staff no longer need paper forms.",
            known=known(60, forecast=date(2026, 2, 12)),
            answered_at=datetime(2026, 1, 2, 8, tzinfo=UTC),
        ),
        a_milestone(
            "Push notifications",
            80,
            status=RagStatus.AT_RISK,
            baseline=date(2026, 1, 15),
            forecast=date(2026, 1, 29),
            slippage_days=10,
            forecast_moved_days=30,
            first_baseline=date(2025, 12, 11),
            slippage_from_first_days=35,
            note="Two message types had to be built again after the security review.",
            known=known(85, RagStatus.AT_RISK, forecast=date(2025, 12, 18)),
            **said,
        ),
        a_missing_milestone(
            owner="Ravi Menon",
            baseline=date(2026, 2, 13),
            known=known(40, RagStatus.AT_RISK, quarter=Q(2025, 2), forecast=date(2026, 3, 12), slippage_days=19),
            known_age_quarters=2,
            unanswered_quarters=2,
        ),
        a_milestone(
            "Session handling",
            30,
            status=RagStatus.OFF_TRACK,
            forecast=date(2026, 5, 29),
            recovery="Lena Vogt takes over by January 16 and drops the single sign-on of partners.",
            more={"lessons-learned": "Ask the security team earlier."},
            **said,
        ),
        a_milestone(
            "Login",
            100,
            state=LineState.COMPLETE,
            status=RagStatus.COMPLETE,
            owner="Mei Tanaka",
            answered_by=None,
            answered_at=None,
            baseline=date(2025, 10, 3),
            forecast=date(2025, 10, 3),
            known=known(100, RagStatus.COMPLETE, forecast=date(2025, 10, 3)),
        ),
        a_milestone(
            "Design system",
            100,
            status=RagStatus.COMPLETE,
            forecast=date(2025, 12, 9),
            slippage_days=-2,
            baseline=date(2025, 12, 11),
            known=known(90, forecast=date(2025, 12, 11)),
            forecast_moved_days=-2,
            **said,
        ),
        a_milestone("Data export", 50, state=LineState.CONFIRMED, known=known(50), **said),
    )
    return a_report(
        *lines,
        project_name="Customer Portal Upgrade",
        industry="Telecommunications",
        audience="Senior Management Team",
        prepared_by="Dana Petrov, Project Manager",
        report_date=date(2026, 1, 7),
        status=ProjectStatus(
            RagStatus.ON_TRACK,
            RagStatus.OFF_TRACK,
            RagStatus.ON_TRACK,
            why="The launch date in May does not depend on billing.",
            phase="Integration",
        ),
        scheduled_completion="May 2026",
        risks=(
            a_risk(
                challenge="The vendor's sandbox fails every other day, which stops billing tests.",
                mitigation="Daily call with the vendor; a fallback by February 1.",
                probability=Rating.HIGH,
                impact=Rating.HIGH,
                owner="Ravi Menon",
                due=date(2026, 2, 1),
                opened=Q(2025, 2),
                age_quarters=2,
                severity=9,
                severity_before=6,
                milestone="Billing interface",
            ),
            a_risk(
                "Partner contract unsigned",
                kind=RiskKind.BLOCKER,
                challenge="Without it no partner data may be used.",
                waits_on="the legal department",
                since=date(2025, 11, 3),
                severity=10,
                is_unmanaged=True,
            ),
            a_risk(
                "Printer outage", challenge="Solved by new drivers.", is_open=False, opened=Q(2025, 3), age_quarters=1
            ),
        ),
        objectives=(
            an_objective("Finish billing integration", deliverable="Invoices in the portal", target="2026-03-12"),
            an_objective("Acceptance test", starts="2026-02-02", target="2026-Q1", milestone="Mobile app"),
        ),
        promises=(
            PromiseLine("pen", "Penetration test done", Q(2025, 3), None, None),
            PromiseLine("offline", "Offline mode", Q(2025, 3), PromiseResult.KEPT, None),
            PromiseLine(
                "rollout", "Rollout plan", Q(2025, 3), PromiseResult.CARRIED_OVER, "It waits for the test dates."
            ),
        ),
        promise_history=(PromiseTally(Q(2025, 3), 3, 1), PromiseTally(Q(2025, 4), 1, 1, 0, 1)),
        status_history=(
            StatusPoint(Q(2025, 2), RagStatus.AT_RISK),
            StatusPoint(Q(2025, 3), RagStatus.ON_TRACK),
            StatusPoint(Q(2025, 4), RagStatus.ON_TRACK),
        ),
        scope_changes=(
            ScopeChange(ScopeChangeKind.ADDED, "session", "Session handling", by="Dana Petrov"),
            ScopeChange(ScopeChangeKind.DROPPED, "fax", "Fax gateway", by="Dana Petrov"),
            ScopeChange(ScopeChangeKind.RENAMED, "export", "Data export", "Download", "Data export"),
            ScopeChange(
                ScopeChangeKind.HANDED_OVER, "billing", "Billing interface", "Mei Tanaka", "Ravi Menon", by="Mei Tanaka"
            ),
            ScopeChange(
                ScopeChangeKind.BASELINE_MOVED,
                "push-notifications",
                "Push notifications",
                "2025-12-11",
                "2026-01-15",
                days=25,
                by="Dana Petrov",
            ),
            ScopeChange(
                ScopeChangeKind.REBASELINED, "portal", "Customer Portal Upgrade", "900000", "1000000", by="Ida Berg"
            ),
        ),
        earned_value=EarnedValue(
            Decimal(700000), Decimal(610000), Decimal(640000), Decimal("0.953125"), Decimal("0.871428")
        ),
        decisions=(
            a_decision(
                "Extend the vendor contract, or bring billing in-house?",
                who="Tom Reyes",
                by=date(2026, 1, 15),
                options=("Extend by a year", "Bring in-house"),
                asked_in=Q(2025, 3),
            ),
            a_decision(
                "Which languages come first", state=DecisionState.DECIDED, who="Ida Berg", outcome="German and French."
            ),
        ),
        resources=resources(
            budget_at_completion=1000000,
            actual_cost=640000,
            forecast_at_completion=1180000,
            percent_used=64,
            percent_variance=18,
            previous_percent_variance=6,
            previous=a_budget_before(actual_cost=500000, forecast_at_completion=1060000, percent_variance=6),
            budget_note="The vendor's delay costs two more months of licences.",
            staffing_planned=20,
            staffing_actual=18,
            staffing_unit="developers",
            staffing_note="Two positions are open.",
            vendors="One vendor is behind.",
            dependencies=("Partner contract", "Security review"),
        ),
        checks=(
            Check(
                "status-vs-budget",
                "The status says On track, but the forecast is over budget",
                (CheckEvidence("forecast $1,180,000 of $1,000,000", source="resources"),),
                note="Finance has agreed to the higher sum.",
            ),
            Check("stalled", "No movement for two quarters", (CheckEvidence("Billing interface"),)),
        ),
        sources=sources_of(
            *lines,
            others=(
                Source("Resources and budget", "Dana Petrov", datetime(2026, 1, 5, 12, tzinfo=UTC), key="resources"),
            ),
        ),
        revision=2,
    )
