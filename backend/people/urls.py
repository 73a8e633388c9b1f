"""The HTTP paths of people, below /api/."""

from django.urls import path

from people import code_views, person_views, session_list_views, session_views, totp_views

urlpatterns = [
    path("setup/", session_views.SetupView.as_view()),
    path("session/", session_views.SessionView.as_view()),
    path("session/password/", session_views.PasswordView.as_view()),
    path("session/proof/", session_views.ProofView.as_view()),
    path("session/language/", session_views.LanguageView.as_view()),
    path("session/totp/", totp_views.TotpView.as_view()),
    path("session/totp/confirm/", totp_views.TotpConfirmationView.as_view()),
    path("session/totp/recovery-codes/", totp_views.RecoveryCodesView.as_view()),
    path("sessions/", session_list_views.SessionsView.as_view()),
    path("sessions/<str:session_id>/", session_list_views.OneSessionView.as_view()),
    path("people/<int:person_id>/sessions/", session_list_views.SessionsOfPersonView.as_view()),
    path("people/", person_views.PeopleView.as_view()),
    path("people/<int:person_id>/", person_views.PersonView.as_view()),
    path("codes/", code_views.CodesView.as_view()),
    path("codes/<int:code_id>/", code_views.CodeView.as_view()),
]
